"""report ARGS...: prints versions and arguments as JSON; fail: raises."""

import json
import sys

if sys.argv[1] == "fail":
    raise ValueError("on purpose")

import tensorboard
import tensorflow as tf

print(
    json.dumps(
        {
            "tensorflow": tf.__version__,
            "tensorboard": tensorboard.__version__,
            "arguments": sys.argv[2:],
        }
    )
)
