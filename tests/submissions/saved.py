"""The right notebook of week 2, saved in the manner of Colab, VS Code, Kaggle and Deepnote.

What these write of their own: metadata of the notebook and of cells, ids, outputs, and the cells
that they (or what they suggest) put in. Some keep what others wrote into a cell's metadata, some
drop it; both are here.
"""

from __future__ import annotations

from typing import Any

from odd import Change, Notebook, new, text

#: What these put into a notebook.
COLAB_SIGN = (
    '<a href="https://colab.research.google.com/github/a/b/blob/main/descent.ipynb" '
    'target="_parent"><img src="https://colab.research.google.com/assets/colab-badge.svg" '
    'alt="Open In Colab"/></a>'
)
DEEPNOTE_SIGN = (
    "<a style='text-decoration:none;display:flex' href='https://deepnote.com?utm_source=created-in-"
    "deepnote-cell&projectId=3f' target=\"_blank\">\n<img alt='Created in deepnote.com' "
    f"src='data:image/svg+xml;base64,{'PD94' * 500}' > </img>\nCreated in "
    "<span style='font-weight:600'>Deepnote</span></a>"
)
_WIDGETS = {
    "application/vnd.jupyter.widget-state+json": {
        "1f3a": {
            "model_module": "@jupyter-widgets/controls",
            "model_name": "HTMLModel",
            "model_module_version": "1.5.0",
            "state": {"_view_name": "HTMLView", "value": "100%"},
        }
    }
}


def _lines(data: Notebook) -> None:
    """Sources as lists of lines, as the format of a file has them."""
    for each in data["cells"]:
        each["source"] = text(each).splitlines(keepends=True)


def _code(data: Notebook) -> list[Any]:
    return [each for each in data["cells"] if each["cell_type"] == "code"]


def _dropped(data: Notebook) -> None:
    for each in data["cells"]:
        each["metadata"] = {}


# --- Colab -----------------------------------------------------------------------------------


def colab(data: Notebook) -> None:
    """Nothing of others is kept; a cell's id is among its metadata. At the top, its own sign."""
    _dropped(data)
    colab_keeping(data)
    sign = new(COLAB_SIGN, "markdown") | {"metadata": {"id": "view-in-github"}}
    data["cells"].insert(0, sign)


def colab_keeping(data: Notebook) -> None:
    data["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True},
        "accelerator": "GPU",
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
    }
    data["nbformat_minor"] = 0
    for number, each in enumerate(data["cells"]):
        each.pop("id", None)
        each["metadata"]["id"] = f"x{number}"
        if each["cell_type"] == "code":
            each["metadata"] |= {
                "colab": {"base_uri": "https://localhost:8080/", "height": 34},
                "outputId": "9a8b-1",
            }
    _lines(data)


def colab_forms(data: Notebook) -> None:
    """Solutions folded into forms, and a form of the student's own."""
    for each in _code(data):
        if each["metadata"].get("nbgrader", {}).get("solution"):
            title = '#@title My solution { display-mode: "form" }\n'
            each["source"] = title + text(each)
            each["metadata"]["cellView"] = "form"
    lr = new('lr = 0.1 #@param {type:"slider", min:0, max:1, step:0.05}\n#@markdown the step')
    data["cells"].append(lr)
    colab_keeping(data)


def colab_drive(data: Notebook) -> None:
    """A drive mounted, a package installed, a file sent home; widgets without a `state`."""
    mount = "from google.colab import drive\ndrive.mount('/content/drive')\n"
    data["cells"].insert(0, new(mount + "%cd /content/drive/MyDrive/course\n!pip install -q torch"))
    data["cells"].append(new("from google.colab import files\nfiles.download('descent.ipynb')"))
    colab(data)
    data["metadata"]["widgets"] = _WIDGETS


# --- VS Code ---------------------------------------------------------------------------------


def vs_code(data: Notebook) -> None:
    """Nothing of others is kept, and ids are none that the format knows."""
    data["metadata"] = {"language_info": {"name": "python", "version": "3.11.7"}}
    for number, each in enumerate(data["cells"]):
        each["id"] = f"#VSC-{number:08x}"
        each["metadata"] = {"vscode": {"languageId": "python"}, "languageId": "python"}


def vs_code_keeping(data: Notebook) -> None:
    data["metadata"] = {
        "kernelspec": {"display_name": ".venv", "language": "python", "name": "python3"},
        "language_info": {
            "codemirror_mode": {"name": "ipython", "version": 3},
            "file_extension": ".py",
            "mimetype": "text/x-python",
            "name": "python",
            "nbconvert_exporter": "python",
            "pygments_lexer": "ipython3",
            "version": "3.12.3",
        },
        "orig_nbformat": 4,
        "vscode": {"interpreter": {"hash": "31f2aee4e71d21fbe5cf8b01ff0e069b"}},
    }
    for each in data["cells"]:
        each["metadata"]["vscode"] = {"languageId": "plaintext"}
    _lines(data)


def vs_code_outputs(data: Notebook) -> None:
    """Outputs of kinds of its own, a cell of another language, and no counts."""
    data["metadata"] = {}
    for each in _code(data):
        each["metadata"] = {}
        each["outputs"] = [
            {
                "output_type": "display_data",
                "metadata": {"application/vnd.code.notebook.error": {}},
                "data": {
                    "application/vnd.code.notebook.error": {"name": "E", "message": "m"},
                    "application/vnd.microsoft.datawrangler.viewer.v0+json": {"columns": []},
                },
            }
        ]
    shell = new("echo hello") | {"metadata": {"vscode": {"languageId": "shellscript"}}}
    data["cells"].append(shell)


# --- Kaggle ----------------------------------------------------------------------------------


def kaggle(data: Notebook) -> None:
    """Its first cell lists the input; nothing of others is kept."""
    data["metadata"] = {"kaggle": {"accelerator": "none", "dataSources": []}}
    for each in data["cells"]:
        each["metadata"] = {"_uuid": "8f2839f2", "_cell_guid": "b1076dfc", "trusted": True}
    setup = new("import os\nfor folder, _, files in os.walk('/kaggle/input'):\n    print(files)")
    data["cells"].insert(0, setup)


def kaggle_keeping(data: Notebook) -> None:
    """Times of a run in every cell."""
    data["metadata"] = {
        "kaggle": {"accelerator": "gpu", "dataSources": [], "dockerImageVersionId": 30664},
        "papermill": {"default_parameters": {}, "duration": 8.1, "version": "2.5.0"},
    }
    for each in data["cells"]:
        each["metadata"] |= {
            "papermill": {"duration": 0.01, "exception": False, "status": "completed"},
            "execution": {"iopub.execute_input": "2027-03-01T10:00:00.000000Z"},
            "tags": [],
        }
    _lines(data)


def kaggle_data(data: Notebook) -> None:
    """What its examples do, in the import cell: data, secrets, another folder."""
    first = _code(data)[0]
    head = "import pandas as pd\nfrom kaggle_secrets import UserSecretsClient\n"
    head += "%cd /kaggle/working\nframe = pd.read_csv('/kaggle/input/houses/train.csv')\n"
    first["source"] = head + text(first)
    kaggle_keeping(data)


# --- Deepnote --------------------------------------------------------------------------------


def deepnote(data: Notebook) -> None:
    """What others wrote for nbgrader is gone, and there is a line of its own at the end."""
    for each in data["cells"]:
        each["metadata"]["cell_id"] = "00000-abc"
        each["metadata"]["deepnote_cell_type"] = each["cell_type"]
        each["metadata"].pop("nbgrader", None)
    data["cells"].append(new(DEEPNOTE_SIGN, "markdown"))


def deepnote_blocks(data: Notebook) -> None:
    """Times and hashes in code, texts as blocks, an input block and one of SQL."""
    data["metadata"] = {"deepnote_notebook_id": "5e1c", "deepnote_execution_queue": []}
    for each in data["cells"]:
        kind = "code" if each["cell_type"] == "code" else "text-cell-p"
        each["metadata"] |= {
            "cell_id": "9d1e",
            "source_hash": "b623e53d",
            "execution_start": 1700000000000,
            "deepnote_to_be_reexecuted": False,
            "deepnote_cell_type": kind,
            "formattedRanges": [],
        }
    sql = new("_deepnote_execute_sql('SELECT 1', 'SQL_X', audit_sql_comment='')")
    data["cells"][1:1] = [new("input_1 = 3"), sql]


#: Twelve notebooks, which keep full marks wherever they are graded.
SAVED: dict[str, Change] = {
    "colab": colab,
    "colab, keeping": colab_keeping,
    "colab, forms": colab_forms,
    "colab, a drive": colab_drive,
    "vs code": vs_code,
    "vs code, keeping": vs_code_keeping,
    "vs code, outputs": vs_code_outputs,
    "kaggle": kaggle,
    "kaggle, keeping": kaggle_keeping,
    "kaggle, data": kaggle_data,
    "deepnote": deepnote,
    "deepnote, blocks": deepnote_blocks,
}
