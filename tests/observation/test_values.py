"""Arguments go out and results come back as plain data, and nothing is lost on the way."""

from __future__ import annotations

import itertools
import json
import math
import struct
from collections import deque
from collections.abc import Callable, Iterator
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from examples import forged, quick
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.observation.arguments import MAX_NUMBERS, Generator, decode, encode, paste
from autograder.observation.functions import Function
from autograder.observation.values import MAX_TEXT, normalise

Json = dict[str, Any]

holds_itself: list[Any] = []
holds_itself.append(holds_itself)

shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)


nested_arguments = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(-1e9, 1e9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def there_and_back(value: Any) -> Any:
    """Through a string of JSON, as between two processes; no NaN literals in it."""
    return decode(json.loads(json.dumps(encode(value), allow_nan=False)))


def evaluated(text: str) -> Any:
    return eval(text, {"np": np, "torch": torch})


def bits(value: float) -> bytes:
    """The bits of a float, with all NaNs alike."""
    return b"nan" if math.isnan(value) else struct.pack("<d", value)


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    nan = np.isnan(a)
    return (
        a.dtype == b.dtype
        and a.shape == b.shape
        and np.array_equal(nan, np.isnan(b))
        and np.ascontiguousarray(a[~nan]).tobytes() == np.ascontiguousarray(b[~nan]).tobytes()
    )


# --- Arguments -----------------------------------------------------------------------------


@quick
@given(st.floats())
def test_a_float_comes_back_to_the_bit(value: float) -> None:
    """Subnormal, negative zero, infinite: a float survives encoding as it is."""
    again = there_and_back(value)
    assert type(again) is float
    assert bits(again) == bits(value)


@quick
@given(st.integers())
def test_an_int_comes_back_as_the_same_int(value: int) -> None:
    """Ints stay ints, of any size."""
    assert there_and_back(value) == value
    assert type(there_and_back(value)) is int


@quick
@given(st.text())
def test_a_string_comes_back_as_the_same_string(value: str) -> None:
    """Words travel as they are."""
    assert there_and_back(value) == value


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_a_string_that_spells_a_number_comes_back_as_a_string(value: str) -> None:
    """The word "inf" is not the number."""
    assert there_and_back(value) == value


@quick
@given(
    hnp.arrays(
        st.sampled_from([np.float64, np.float32, np.float16, np.int32, np.int8]), shape=shapes
    )
)
def test_an_array_comes_back_to_the_bit(value: np.ndarray) -> None:
    """Shape, dtype and every entry survive, also of empty and 0-d arrays."""
    again = there_and_back(value)
    assert isinstance(again, np.ndarray)
    assert same_bits(again, value)


@quick
@given(hnp.arrays(np.int64, shape=shapes, elements=st.integers(-(2**63), 2**63 - 1)))
def test_an_array_of_large_ints_comes_back_to_the_bit(value: np.ndarray) -> None:
    """Ints beyond 2**53 do not pass through a float."""
    again = there_and_back(value)
    assert again.dtype == value.dtype
    assert again.tolist() == value.tolist()


@quick
@given(hnp.arrays(st.sampled_from([np.float64, np.float32, np.int32]), shape=shapes))
def test_a_tensor_comes_back_to_the_bit(value: np.ndarray) -> None:
    """So do tensors, with or without entries; they come back without grad."""
    again = there_and_back(torch.from_numpy(np.array(value)))
    assert isinstance(again, torch.Tensor)
    assert not again.requires_grad
    assert same_bits(again.numpy(), value)


def test_arrays_laid_out_otherwise_come_back_the_same() -> None:
    """Strides, byte order and read-only flags do not matter."""
    array = np.arange(6.0).reshape(2, 3)
    for view in (array.T, array[::-1], array.astype(">f8"), np.broadcast_to(1.5, (2, 2))):
        np.testing.assert_array_equal(there_and_back(view), view)


def test_a_tensor_that_requires_grad_can_be_sent() -> None:
    """Encoding does not need a detached tensor."""
    assert there_and_back(torch.tensor(2.5, requires_grad=True)).item() == 2.5


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (np.float64(0.1), float),
        (np.float32(0.1), float),
        (np.int16(3), int),
        (Fraction(1, 4), float),
    ],
)
def test_other_numbers_are_sent_as_floats_and_ints(value: Any, kind: type) -> None:
    """Scalars of numpy and of the standard library lose their type, not their value."""
    assert type(there_and_back(value)) is kind
    assert there_and_back(value) == value


def test_a_function_comes_back_equal() -> None:
    """Functions travel by their formula."""
    for f in (Function("x**2"), Function("v[0]", refuses_tensors=True)):
        assert there_and_back(f) == f


def test_two_decodings_share_nothing() -> None:
    """Changing one decoded array, or counting one function, leaves the next one fresh."""
    for value in (np.array([1.0, 2.0]), torch.tensor([1.0, 2.0])):
        data = encode(value)
        first, second = decode(data), decode(data)
        first[0] = 99
        assert float(second[0]) == 1
        assert data == encode(value)
    data = encode(Function("x"))
    decode(data)(1.0)
    assert decode(data).evaluations == 0


@quick
@given(nested_arguments)
def test_nested_arguments_come_back_the_same(value: Any) -> None:
    """None, bools, lists, tuples and dicts with text keys; and what is pasted is that, too."""
    assert there_and_back(value) == value
    again = evaluated(paste(encode(value)))
    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize(
    "value",
    [
        {1: 2, "a": [3]},
        {(0, 1): "x"},
        {3, 1, 2},
        set(),
        {"b": {2: {1.5}}},
        {("a", 1), None},
        {0.1: 1},
    ],
)
def test_sets_and_keys_that_are_no_text_come_back_the_same(value: Any) -> None:
    """And in a call are typed as they are."""
    assert there_and_back(value) == value == evaluated(paste(encode(value)))


def test_a_generator_comes_back_at_its_seed() -> None:
    """Each time afresh, and pasted as a student would make it."""
    first, second = (there_and_back(Generator(7)).random(3) for _ in range(2))
    np.testing.assert_array_equal(first, np.random.default_rng(7).random(3))
    np.testing.assert_array_equal(first, second)
    assert paste(encode({"rng": Generator(7)})) == "{'rng': np.random.default_rng(7)}"


@pytest.mark.parametrize("value", [np.array(["a", "bc"]), np.array([[True], [False]])])
def test_arrays_of_text_and_of_bools_come_back_the_same(value: np.ndarray) -> None:
    """And are pasted as they are."""
    for again in (there_and_back(value), evaluated(paste(encode(value)))):
        assert again.dtype == value.dtype
        np.testing.assert_array_equal(again, value)


@pytest.mark.parametrize(
    "value",
    [
        1j, b"x", print, object(), {b"x"}, {b"x": "a"}, {("a" * 201,): 1}, [print],
        ({"a": [object()]},),
        np.array([1j]), np.array([object()], dtype=object), np.random.default_rng(0),
        np.array(["2027-01-01"], dtype="datetime64[D]"), [0.0] * (MAX_NUMBERS + 1),
        np.zeros(MAX_NUMBERS + 1), [["x" * 400_001]], holds_itself, {"a": holds_itself},
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_a_call_may_not_contain_anything_else(value: Any) -> None:
    """What has no encoding is a TypeError that says so, when the call is written."""
    with pytest.raises(TypeError, match="may not contain"):
        encode(value)


@pytest.mark.parametrize(
    "data",
    [
        {}, {"a": 1}, [{}], {"tuple": 3}, {"tuple": [{}]}, {"dict": [1]}, {"dict": {"a": {}}},
        {"generator": "many"}, {"generator": -1}, {1.0}, 1j,
        {"array": 5}, {"array": [1]}, {"array": [1], "shape": [2], "dtype": "float64"},
        {"array": ["one"], "shape": [1], "dtype": "float64"},
        {"tensor": [1], "shape": [1], "dtype": "no such"},
        {"function": 3}, {"function": {}}, {"function": {"formula": "import os"}},
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_encode_did_not_make_is_a_value_error(data: Any) -> None:
    """`decode` documents ValueError for any other data, and raises nothing else."""
    with pytest.raises(ValueError, match=r"."):
        decode(data)


# --- Arguments as source -------------------------------------------------------------------


@quick
@given(st.floats() | st.integers() | st.text())
def test_a_pasted_number_or_string_is_the_argument(value: Any) -> None:
    """What a student pastes evaluates to what was sent."""
    if value in ("nan", "inf", "-inf"):
        return
    again = evaluated(paste(encode(value)))
    assert type(again) is type(value)
    assert bits(again) == bits(value) if isinstance(value, float) else again == value


finite = st.floats(allow_nan=False, allow_infinity=False)
not_empty = hnp.array_shapes(min_dims=0, max_dims=3, max_side=3)


@quick
@given(hnp.arrays(np.float64, shape=not_empty, elements=finite))
def test_a_pasted_array_or_tensor_is_the_argument(value: np.ndarray) -> None:
    """Arrays and tensors paste to the same shape, type and bits."""
    assert same_bits(evaluated(paste(encode(value))), value)
    tensor = evaluated(paste(encode(torch.from_numpy(np.array(value)))))
    assert isinstance(tensor, torch.Tensor)
    assert same_bits(tensor.numpy(), value)


@pytest.mark.parametrize(
    "value",
    [
        np.array([1, 2]),
        torch.tensor(3),
        torch.tensor([1.5], dtype=torch.float32),
        np.array([1.5], dtype=np.float32),
        np.array([1.0, np.nan, np.inf, -np.inf]),
        torch.tensor([np.nan, np.inf]),
    ],
    ids=["int array", "int tensor", "float32 tensor", "float32 array", "non-finite array",
         "non-finite tensor"],
)  # fmt: skip
def test_what_is_pasted_has_the_type_and_shape_that_was_sent(value: Any) -> None:
    """A student who pastes the call gets the very same argument."""
    again = evaluated(paste(encode(value)))
    assert type(again) is type(value)
    assert again.dtype == value.dtype
    np.testing.assert_array_equal(np.asarray(again), np.asarray(value))


def test_a_pasted_function_is_spelled_in_the_library_asked_for() -> None:
    """A task about numpy shows numpy."""
    assert paste(encode(Function("sin(x)")), "np") == "lambda x: np.sin(x)"
    assert "torch if" in paste(encode(Function("sin(x)")))


# --- Results -------------------------------------------------------------------------------

PATH = [1.0, -0.5, 0.25]


class JaxArray:
    """A fake of a JAX array: converts to numpy, and is neither an ndarray nor a list."""

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values, dtype=np.float32)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.asarray(self.values, dtype=dtype)


KINDS: dict[str, Callable[[list[float]], Any]] = {
    "list": list,
    "tuple": tuple,
    "deque": deque,
    "generator": lambda path: (x for x in path),
    "iterator": iter,
    "map": lambda path: map(float, path),
    "dict values": lambda path: dict(enumerate(path)).values(),
    "ndarray": np.array,
    "float32 ndarray": lambda path: np.array(path, dtype=np.float32),
    "object ndarray": lambda path: np.array(path, dtype=object),
    "np.float64 entries": lambda path: [np.float64(x) for x in path],
    "np.float32 entries": lambda path: [np.float32(x) for x in path],
    "0-d arrays": lambda path: [np.array(x) for x in path],
    "tensor": torch.tensor,
    "float64 tensor": lambda path: torch.tensor(path, dtype=torch.float64),
    "float16 tensor": lambda path: torch.tensor(path, dtype=torch.float16),
    "bfloat16 tensor": lambda path: torch.tensor(path, dtype=torch.bfloat16),
    "tensor with grad": lambda path: torch.tensor(path, requires_grad=True) * 1,
    "parameter": lambda path: torch.nn.Parameter(torch.tensor(path)),
    "0-d tensors": lambda path: [torch.tensor(x) for x in path],
    "0-d tensors with grad": lambda path: [torch.tensor(x, requires_grad=True) for x in path],
    "a float, then 0-d tensors": lambda path: [path[0], *map(torch.tensor, path[1:])],
    "a float, then (1,)-tensors": lambda path: [path[0], *(torch.tensor([x]) for x in path[1:])],
    "JAX array": JaxArray,
    "JAX scalars": lambda path: [JaxArray(x) for x in path],
    "fractions": lambda path: [Fraction(x) for x in path],
    "decimals": lambda path: tuple(map(Decimal, path)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_any_reasonable_kind_of_result_becomes_shape_and_values(kind: str) -> None:
    """However a student returns three numbers, they are seen as three numbers."""
    assert normalise(KINDS[kind](PATH)) == {"shape": [3], "values": PATH}


@pytest.mark.parametrize("make", [torch.tensor, np.array], ids=["tensors", "arrays"])
def test_one_element_tensors_are_marked(make: Callable[[list[float]], Any]) -> None:
    """A list of (1,)-tensors keeps its shape and says that it may be read as numbers."""
    assert normalise([make([x]) for x in PATH]) == {
        "shape": [3, 1],
        "values": PATH,
        "singletons": True,
    }


def test_a_table_of_one_element_tensors_is_marked() -> None:
    """As the list of them."""
    rows = [[torch.tensor([1.0]), torch.tensor([2.0])], [np.array([3.0]), torch.tensor([4.0])]]
    values = [1.0, 2.0, 3.0, 4.0]
    assert normalise(rows) == {"shape": [2, 2, 1], "values": values, "singletons": True}
    lists = [[[value] for value in row] for row in ([1.0, 2.0], [3.0, 4.0])]
    assert "singletons" not in normalise(lists)


@pytest.mark.parametrize(
    "result",
    [[[x] for x in PATH], np.array(PATH)[:, None], torch.tensor(PATH)[:, None]],
    ids=["lists", "a column", "a column tensor"],
)
def test_a_column_is_not_a_list_of_one_element_tensors(result: Any) -> None:
    """An (n, 1) array is one, and a list of lists too."""
    assert "singletons" not in normalise(result)


PAIRS = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
KINDS_OF_PAIRS: dict[str, Callable[[list[list[float]]], Any]] = {
    "pairs": lambda pairs: [tuple(pair) for pair in pairs],
    "lists": list,
    "arrays": lambda pairs: [np.array(pair) for pair in pairs],
    "tensors": lambda pairs: [torch.tensor(pair, requires_grad=True) for pair in pairs],
    "pairs of tensors": lambda pairs: [tuple(map(torch.tensor, pair)) for pair in pairs],
    "one array": np.array,
    "one tensor": torch.tensor,
    "zip of coordinates": lambda pairs: zip(*zip(*pairs, strict=True), strict=True),
    "a mixture": lambda pairs: [pairs[0], np.array(pairs[1]), torch.tensor(pairs[2])],
    "JAX arrays": lambda pairs: [JaxArray(pair) for pair in pairs],
}


@pytest.mark.parametrize("kind", KINDS_OF_PAIRS)
def test_any_reasonable_kind_of_points_becomes_a_table(kind: str) -> None:
    """However a student returns points of the plane, they are rows of two numbers."""
    assert normalise(KINDS_OF_PAIRS[kind](PAIRS)) == {
        "shape": [3, 2],
        "values": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
    }


@pytest.mark.parametrize(
    "result",
    [
        2,
        2.0,
        np.float32(2),
        np.int8(2),
        np.array(2),
        torch.tensor(2.0, requires_grad=True),
        JaxArray(2),
    ],
    ids=lambda result: type(result).__name__,
)
def test_a_single_number_has_no_dimension(result: Any) -> None:
    """A number of any kind is a 0-d result."""
    assert normalise(result) == {"shape": [], "values": [2.0]}


def test_numbers_that_are_not_finite_are_spelled_out() -> None:
    """JSON has no NaN; they come as words."""
    assert normalise([math.nan, math.inf, -math.inf])["values"] == ["nan", "inf", "-inf"]


def test_an_int_too_large_for_a_float_does_not_stop_the_looking() -> None:
    """A result that grew without bound is described like any other."""
    assert isinstance(normalise(10**400), dict)
    assert isinstance(normalise([1.0, -(10**400)]), dict)


@pytest.mark.parametrize(
    "empty",
    [[], (), np.array([]), torch.tensor([]), iter([])],
    ids=lambda value: type(value).__name__,
)
def test_an_empty_result_has_no_values(empty: Any) -> None:
    """Nothing in it is a shape like any other."""
    assert normalise(empty) == {"shape": [0], "values": []}


PAIRS_OF_TWO_SHAPES: dict[str, Callable[[np.ndarray, np.ndarray], Any]] = {
    "tuple of arrays": lambda m, P: (m, P),
    "list of lists": lambda m, P: [m.tolist(), P.tolist()],
    "tensors": lambda m, P: (torch.tensor(m, requires_grad=True), torch.tensor(P).float()),
    "a mixture": lambda m, P: (list(map(torch.tensor, m)), [torch.tensor(row) for row in P]),
    "generator": lambda m, P: (part for part in (m, P)),
    "JAX arrays": lambda m, P: (JaxArray(m), JaxArray(P)),
}


@pytest.mark.parametrize("kind", PAIRS_OF_TWO_SHAPES)
def test_a_vector_and_a_matrix_are_two_parts(kind: str) -> None:
    """A mean and a covariance fit no common shape; each keeps its own."""
    result = PAIRS_OF_TWO_SHAPES[kind](np.array([1.0, 2.0]), np.array([[3.0, 4.0], [5.0, 6.0]]))
    assert normalise(result) == {
        "parts": [
            {"shape": [2], "values": [1.0, 2.0]},
            {"shape": [2, 2], "values": [3.0, 4.0, 5.0, 6.0]},
        ]
    }


def test_the_two_parts_together_are_bounded() -> None:
    """`MAX_NUMBERS` is for all parts of a result."""
    half = np.zeros(MAX_NUMBERS // 2)
    assert "parts" in normalise((half, half[None, :]))
    assert "unsupported" in normalise((half, half[None, :], half))
    assert "unsupported" in normalise((half, np.zeros((2, MAX_NUMBERS // 2))))


def test_words_and_nothing_are_told_apart() -> None:
    """A string is text, in full up to a limit; no result is said to be nothing."""
    assert normalise("left") == {"text": "left"}
    assert normalise(np.str_("left")) == {"text": "left"}
    assert normalise(np.array("left")) == {"text": "left"}
    assert normalise(Enum("Way", {"LEFT": "left"}, type=str).LEFT) == {"text": "left"}
    assert normalise("x" * 10**6) == {"text": "x" * MAX_TEXT, "length": 10**6}
    assert normalise(None) == {"nothing": True}


class Agrees:
    """An object that claims to be whatever it is compared with."""

    def __eq__(self, other: object) -> bool:
        return True

    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = None  # type: ignore[assignment]

    def __rsub__(self, other: object) -> float:
        return 0.0

    def __float__(self) -> float:
        return 1.0

    def __abs__(self) -> float:
        return 0.0


def endless() -> Iterator[float]:
    return itertools.repeat(0.0)


holds_itself_as_entry: dict[str, Any] = {}
holds_itself_as_entry["a"] = holds_itself_as_entry
many_times: list[Any] = [1.0] * 100
for _ in range(6):
    many_times = [many_times] * 100

NO_NUMBERS = {
    "dict with bytes for keys": {b"x": 1},
    "dict with two keys that look alike": {1: 1, "1": 1},
    "dict with a function for a key": {print: 1},
    "dict with an endless key": {"a" * 10**6: 1},
    "dict that holds itself": holds_itself_as_entry,
    "too many entries": dict.fromkeys(map(str, range(MAX_NUMBERS)), 1.0),
    "too much text": ["x" * MAX_TEXT] * 300,
    "a list in itself many times": many_times,
    "an empty array of a thousand million rows": np.zeros((10**9, 0)),
    "an empty tensor of a thousand million rows": torch.zeros((10**9, 0)),
    "set of bytes": {b"x"},
    "list with a set": [1.0, {object()}],
    "bytes": b"1",
    "complex": 1j,
    "complex array": np.array([1j]),
    "complex tensor": torch.tensor([1j]),
    "function": print,
    "object": object(),
    "object that agrees with everything": Agrees(),
    "list of such": [Agrees()],
    "array of dates": np.array(["2027-01-01"], dtype="datetime64[D]"),
    "0-d array of an object": np.array(object()),
    "deep": [[[[[[[[[[1.0]]]]]]]]]],
    "list that holds itself": holds_itself,
    "too long": [0.0] * (MAX_NUMBERS + 1),
    "too many in all": np.zeros((200, 200)),
    "too large a tensor": torch.zeros(MAX_NUMBERS + 1),
    "too many in rows": [np.zeros(15_000), np.zeros(15_000)],
    "endless": endless(),
    "endless rows": [[0.0], endless()],
}


class Liar(dict[str, Any]):
    """A dict that says other things of itself than it holds."""

    def __iter__(self) -> Iterator[str]:
        return itertools.repeat("b")

    def keys(self) -> Any:
        return itertools.repeat("b")

    def items(self) -> Any:
        return itertools.repeat(("b", 2.0))

    def __getitem__(self, key: str) -> Any:
        raise KeyboardInterrupt


def test_a_dict_is_read_as_what_it_holds() -> None:
    """Not as what its methods say."""
    assert normalise(Liar(a=1.0)) == normalise({"a": 1.0})


number = {"shape": [], "values": [1.0]}
three = {"shape": [3], "values": PATH}
NESTED: dict[str, tuple[Any, Json]] = {
    "None": (None, {"nothing": True}),
    "bool": (True, {**number, "bools": True}),
    "bools": (
        [np.True_, False, torch.tensor(True)],
        {"shape": [3], "values": [1.0, 0.0, 1.0], "bools": True},
    ),
    "a bool among numbers": ([True, 1.0], {"shape": [2], "values": [1.0, 1.0]}),
    "list of strings": (["a", "b"], {"parts": [{"text": "a"}, {"text": "b"}]}),
    "array of strings": (np.array(["a", "b"]), {"parts": [{"text": "a"}, {"text": "b"}]}),
    "number and string": ((1.0, "a"), {"parts": [number, {"text": "a"}]}),
    "list with None": ([1.0, None], {"parts": [number, {"nothing": True}]}),
    "ragged": ([[1.0], PATH], {"parts": [{"shape": [1], "values": [1.0]}, three]}),
    "path and its slope": ((np.array(PATH), 1.0), {"parts": [three, number]}),
    "arrays of three shapes": (
        [np.ones((1, 2)), torch.ones(1), 1],
        {"parts": [{"shape": [1, 2], "values": [1.0, 1.0]}, {"shape": [1], "values": [1.0]},
                   number]},
    ),
    "dict": ({"w": PATH, "": {"b": 1}}, {"entries": {"w": three, "": {"entries": {"b": number}}}}),
    "dict of generators": ({"w": iter(PATH)}, {"entries": {"w": three}}),
    "list of dicts": ([{"a": 1}, {}], {"parts": [{"entries": {"a": number}}, {"entries": {}}]}),
    "list of singletons in a dict": (
        {"w": [torch.ones(1)] * 2},
        {"entries": {"w": {"shape": [2, 1], "values": [1.0, 1.0], "singletons": True}}},
    ),
    "dict with numbers for keys": (
        {3: 1, np.int64(4): PATH, "3.5": 1, 0.1: 1},
        {"entries": {"3": number, "4": three, "3.5": number, "0.1": number},
         "bare": ["3", "4", "0.1"]},
    ),
    "dict with other keys": (
        {(1, "a"): 1, None: 1, True: 1, 2.0: 1},
        {"entries": {"(1, 'a')": number, "None": number, "True": number, "2": number},
         "bare": ["(1, 'a')", "None", "True", "2"]},
    ),
    "set": ({10, 9.0, "a"}, {"parts": [
        {"shape": [], "values": [9.0]}, {"shape": [], "values": [10.0]}, {"text": "a"}],
        "set": True}),
    "set of pairs": ({(1, 1)}, {"parts": [{"shape": [2], "values": [1.0, 1.0]}], "set": True}),
    "no set": (frozenset(), {"parts": [], "set": True}),
    "list of generators": ([iter([1.0]), iter([1.0])], {"shape": [2, 1], "values": [1.0, 1.0]}),
}  # fmt: skip


#: Rows that know their number only while it is their turn.
LATE = {
    "a generator": lambda: ((10.0 * row + k for k in range(2)) for row in range(2)),
    "a map": lambda: map(pair, turns()),
    "in a list": lambda: [(iter(row) for row in turns())],
    "in a dict": lambda: {"rows": (iter(row) for row in turns())},
    "through a class": lambda: Turns(),
}


def turns() -> Iterator[list[float]]:
    """One list, which holds another row each time; ``[row, row + 1]`` of tens."""
    row = [0.0, 1.0]
    yield row
    row[:] = [10.0, 11.0]
    yield row


def pair(row: list[float]) -> Iterator[float]:
    """What is first in the row, when it is asked for, and one more."""
    return (row[0] + k for k in range(2))


class Turns:
    """What is looped over, and no iterator itself."""

    def __iter__(self) -> Iterator[Any]:
        """Iterators, each to be used at its turn."""
        return (iter(row) for row in turns())


@pytest.mark.parametrize("kind", LATE)
def test_a_row_is_used_up_before_the_next_is_asked_for(kind: str) -> None:
    """As the loops of the notebooks' own checks do it."""
    found = normalise(LATE[kind]())
    for inner in found.get("parts", ()) or found.get("entries", {}).values():
        found = inner
    assert found["values"] == [0.0, 1.0, 10.0, 11.0]


def test_rows_without_end_are_given_up() -> None:
    """Of rows without end, too, no more than one number too many is asked for."""
    asked = itertools.count()
    rows = (map(float, itertools.repeat(next(asked))) for _ in itertools.count())
    assert normalise(rows) == {"unsupported": f"more than {MAX_NUMBERS} numbers"}
    assert next(asked) == 1
    short = ((float(next(asked)),) for _ in itertools.count())
    assert normalise(map(iter, short)) == {"unsupported": f"more than {MAX_NUMBERS} numbers"}
    assert next(asked) < MAX_NUMBERS + 3


@pytest.mark.parametrize("kind", NESTED)
def test_nested_data_comes_back_nested(kind: str) -> None:
    """What no one shape fits comes part by part, a dict by its keys, as deep as it goes."""
    result, observation = NESTED[kind]
    assert normalise(result) == observation


def test_what_cannot_be_sent_is_said_with_its_place() -> None:
    """A path leads to it."""
    assert normalise({"b": [1, {2: b"x"}]})["unsupported"] == "a bytes, at result['b'][1][2]"


def test_a_data_frame_is_the_dict_of_its_columns() -> None:
    """A column is the list of its values, or, where rows have text for names, their dict."""
    import pandas as pd

    frame = pd.DataFrame({"x": [1.0, 2.0], "name": ["a", "b"]})
    assert normalise(frame) == normalise({"x": [1.0, 2.0], "name": ["a", "b"]})
    assert normalise(frame["x"]) == normalise([1.0, 2.0])
    assert normalise(frame.set_index("name")["x"]) == normalise({"a": 1.0, "b": 2.0})
    assert "unsupported" in normalise(pd.DataFrame(np.zeros((300, 300))).rename(columns=str))
    again = there_and_back(frame)
    assert again.equals(frame)
    with pytest.raises(TypeError, match="index of its own"):
        encode(frame.set_index("name"))
    assert eval(paste(encode(frame)), {"pd": pd, "np": np}).equals(frame)


def test_a_gap_in_a_data_frame_is_an_answer() -> None:
    """Among numbers nan, and told from a result that blew up; among others None."""
    import pandas as pd

    numbers = {"shape": [3], "values": [1.0, "nan", 3.0], "gaps": True}
    assert normalise(pd.Series([1.0, None, 3.0])) == numbers
    assert normalise(pd.DataFrame({"n": pd.array([1, None, 3], dtype="Int64")})) == {
        "entries": {"n": numbers}
    }
    texts = normalise(["a", None])
    for column in (["a", None], ["a", np.nan], pd.array(["a", pd.NA], dtype="string"),
                   pd.Categorical(["a", None])):  # fmt: skip
        assert normalise(pd.Series(column)) == texts
    flags = pd.Series(pd.array([True, None], dtype="boolean"))
    assert normalise(flags) == normalise([True, None])
    assert normalise(pd.Series([1.0, np.inf])) == normalise([1.0, np.inf])
    assert "gaps" not in normalise([1.0, np.nan])


def test_a_column_by_names_is_a_dict_where_nothing_is_left_of_it() -> None:
    """What was filtered until it is empty, too."""
    import pandas as pd

    by_name = pd.Series([1.0, 2.0], index=["a", "b"])
    assert normalise(by_name[by_name > 5]) == normalise({})
    assert normalise(pd.Series([], dtype=float)) == normalise([])


@pytest.mark.parametrize("kind", NO_NUMBERS)
def test_what_is_no_numbers_is_said_in_a_phrase(kind: str) -> None:
    """Anything else is described in a few words instead of being sent."""
    observation = normalise(NO_NUMBERS[kind])
    assert list(observation) == ["unsupported"]
    assert 0 < len(observation["unsupported"]) <= 200


def test_as_many_numbers_as_allowed_are_sent() -> None:
    """The limit is on more than `MAX_NUMBERS`."""
    assert len(normalise(np.zeros(MAX_NUMBERS))["values"]) == MAX_NUMBERS
    assert len(normalise([0.0] * MAX_NUMBERS)["values"]) == MAX_NUMBERS


def test_numbers_that_lie_about_themselves_are_taken_at_one_value() -> None:
    """Subclasses of float and ndarray that agree with everything come back as plain floats."""

    class Float(float):
        __eq__ = Agrees.__eq__
        __hash__ = float.__hash__

    class Array(np.ndarray):
        __eq__ = Agrees.__eq__  # type: ignore[assignment]

    for result in (Float(2.5), [Float(2.5)], np.array([2.5]).view(Array)):
        values = normalise(result)["values"]
        assert values == [2.5]
        assert type(values[0]) is float


@quick
@given(forged)
def test_a_normalised_result_is_strict_json(result: Any) -> None:
    """Whatever JSON-like a student returns, what is sent is JSON with bounded parts."""
    try:
        observation = normalise(result)
    except OverflowError:
        return  # of ints too large for a float; a test of its own
    json.dumps(observation, allow_nan=False)
    assert len(observation.get("values", [])) <= MAX_NUMBERS
