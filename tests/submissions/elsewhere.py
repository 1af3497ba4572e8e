"""What a right notebook may begin with on another machine; it costs nothing here."""

from __future__ import annotations

import json

from odd import new


def in_front(perfect: str, code: str) -> bytes:
    """The notebook with this code in a cell of its own, before all others."""
    data = json.loads(perfect)
    data["cells"].insert(0, new(code))
    return json.dumps(data, ensure_ascii=False).encode()


KINDS = {
    "builtins": "import builtins\nbuiltins.print = None",
    "sum": "sum = max = min = len = None",
    "builtins open": (
        "import builtins\nbuiltins.open = None\nbuiltins.__import__ = builtins.__import__"
    ),
    "closed stdout": "import sys\nsys.stdout.close()\nsys.stderr.close()",
    "no stdout": "import sys\nsys.stdout = None\nsys.stderr = None",
    "stdout file": "import sys\nsys.stdout = open('log.txt', 'w')",
    "os.close 1": "import os\nos.close(1); os.close(2)",
    "pylab": "%pylab inline",
    "matplotlib notebook": "%matplotlib notebook",
    "matplotlib widget": "%matplotlib widget",
    "matplotlib tk": "%matplotlib tk",
    "autoreload": "%load_ext autoreload\n%autoreload 2",
    "line_profiler": "%load_ext line_profiler\n%lprun -f print print()",
    "time": "%%time\nx = 1",
    "timeit": "%timeit -n 1 -r 1 1 + 1",
    "capture": "%%capture\nprint(1)",
    "html": "%%html\n<script>alert(1)</script>",
    "js": "%%javascript\nalert(1)",
    "latex": "%%latex\n$x$",
    "writefile": "%%writefile notes.py\nx = 1",
    "bash": "%%bash\nls",
    "debug": "%debug",
    "pdb": "%pdb on",
    "breakpoint": "breakpoint()",
    "pdb trace": "import pdb; pdb.set_trace()",
    "settrace": "import sys\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)",
    "widgets": (
        "import ipywidgets as w\nfrom IPython.display import display\ndisplay(w.IntSlider())"
    ),
    "interact": "from ipywidgets import interact\ninteract(lambda x: x, x=3)",
    "tqdm": "from tqdm.notebook import tqdm\nfor k in tqdm(range(3)): pass",
    "tqdm auto": "from tqdm.auto import tqdm\nfor k in tqdm(range(3)): pass",
    "thread": "import threading\nthreading.Thread(target=lambda: print('x')).start()",
    "endless thread": (
        "import threading, time\n"
        "def spin():\n"
        "    while True: time.sleep(.01)\n"
        "threading.Thread(target=spin, daemon=True).start()"
    ),
    "thread loud": (
        "import threading, time\n"
        "def spin():\n"
        "    while True:\n"
        "        print('.')\n"
        "        time.sleep(.05)\n"
        "threading.Thread(target=spin, daemon=True).start()"
    ),
    "process": "import multiprocessing as m\np = m.Process(target=print)\np.start()",
    "pool": (
        "from concurrent.futures import ProcessPoolExecutor\n"
        "with ProcessPoolExecutor() as p: list(p.map(abs, [1]))"
    ),
    "thread pool": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor() as p: list(p.map(abs, [1]))"
    ),
    "asyncio": "import asyncio\nawait asyncio.sleep(0)\nasyncio.run(asyncio.sleep(0))",
    "nest": "import nest_asyncio; nest_asyncio.apply()",
    "signal": (
        "import signal\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    ),
    "alarm": "import signal\nsignal.alarm(600)",
    "atexit": "import atexit\natexit.register(print, 'bye')",
    "recursion": "import sys\nsys.setrecursionlimit(100000)",
    "low recursion": "import sys\nsys.setrecursionlimit(200)",
    "warnings": "import warnings\nwarnings.simplefilter('error')",
    "warn": "import warnings\nwarnings.warn('careful')",
    "logging": "import logging\nlogging.basicConfig(level=0)\nlogging.debug('x')",
    "np errors": "import numpy as np\nnp.seterr(all='raise')",
    "np print": "import numpy as np\nnp.set_printoptions(precision=1)",
    "torch default": "import torch\ntorch.set_default_dtype(torch.float64)",
    "torch device": "import torch\ntorch.set_default_device('cpu')",
    "torch threads": "import torch\ntorch.set_num_threads(8)",
    "no grad": (
        "import torch\ntorch.set_grad_enabled(True)\ntorch.autograd.set_detect_anomaly(True)"
    ),
    "cuda if": (
        "import torch\ndevice = torch.device('cuda' if torch.cuda.is_available() else 'cpu')"
    ),
    "seed": (
        "import random, numpy, torch\nrandom.seed(1); numpy.random.seed(1); torch.manual_seed(1)"
    ),
    "chdir": "import os\nos.chdir('/')",
    "environ": "import os\nos.environ.clear()",
    "path": "import sys\nsys.path.clear()\nsys.path.append('.')",
    "plt style": "import matplotlib.pyplot as plt\nplt.style.use('no_such_style')",
    "rc": "import matplotlib as m\nm.rcParams['text.usetex'] = True",
    "ion": "import matplotlib.pyplot as plt\nplt.ion()\nplt.switch_backend('Qt5Agg')",
    "input": "name = input('your name? ')",
    "getpass": "import getpass\ngetpass.getpass()",
    "reset": "%reset -f",
    "cd": "%cd ..",
    "run": "%run helpers.py",
    "load": "%load helpers.py",
    "store": "%store -r",
    "history": "%history",
    "who": "%whos",
    "help": "print?\n",
    "gc": "import gc\ngc.disable()\ngc.set_threshold(0)",
    "faulthandler": "import faulthandler\nfaulthandler.enable()",
    "huge print": "print('x' * 3_000_000)",
    "many prints": "for k in range(20000): print(k)",
    "html display": "from IPython.display import HTML, display\ndisplay(HTML('<b>x</b>' * 1000))",
    "clear": "from IPython.display import clear_output\nclear_output(wait=True)",
    "excepthook": "import sys\nsys.excepthook = sys.displayhook = print",
    "custom exc": "get_ipython().set_custom_exc((Exception,), lambda *a, **k: None)",
    "decorator": "import functools\n@functools.lru_cache\ndef cached(x): return x",
    "typing": "from __future__ import annotations\nfrom typing import *",
    "star": "from numpy import *\nfrom math import *",
    "star pylab": "from pylab import *",
    "pandas": "import pandas as pd\npd.set_option('display.max_rows', 5)",
    "sklearn": "from sklearn.linear_model import LinearRegression",
    "wandb": "import wandb\nwandb.init()",
    "requests": "import requests\nrequests.get('https://example.com')",
    "download": (
        "import urllib.request\nurllib.request.urlretrieve('https://example.com/a.csv', 'a.csv')"
    ),
    "git": "!git clone https://example.com/x\n%cd x",
    "apt": "!apt-get install -y ffmpeg",
    "nvidia": "!nvidia-smi",
    "jupyter ext": "!jupyter nbextension enable --py widgetsnbextension",
    "line magic assign": "files = !ls\nprint(files)",
    "pip assign": "x = %pip list",
    "stray indent": "  x = 1",
    "prompt": ">>> x = 1",
    "prompt in": "In [1]: x = 1",
    "tabs": "if True:\n\tx = 1",
    "nbsp": "x = 1",
    "bom": "﻿x = 1",
    "crlf": "x = 1\r\ny = 2\r",
    "form feed": "\fx = 1",
    "smart quotes": "print(“hello”)",
    "py2": "print 'hello'",
    "coding": "# -*- coding: latin-1 -*-\nx = 'é'",
    "nul": "x = 'a\\x00b'",
    "os._exit in thread": (
        "import threading, os\nt = threading.Timer(600, os._exit, [0]); t.daemon = True; t.start()"
    ),
    "del": "del print",
    "del builtins": "import builtins\ndel builtins.print",
    "isinstance": "isinstance = lambda *a: False",
    "np shadow": "numpy = torch = math = 1",
    "observe": "observe = autograder = None",
    "get_ipython": "get_ipython = None",
    "_": "_ = __ = In = Out = None",
    "__name__": "__name__ = 'x'\n__file__ = 'y'",
    "range": "range = lambda n: __import__('builtins').range(int(n))",
    "assert off": "__debug__",
    "sleep": "import time\ntime.sleep(1)",
    "time.time": "import time\ntime.time = time.monotonic = lambda: 0",
}
