"""Dateline: answers from news articles, every sentence backed by a passage quoted word for word."""

import os

__version__ = "0.1.0"

# before numpy is imported: its products here are small, and a second thread spends more time waiting than multiplying
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# before onnxruntime is imported, which otherwise keeps notes on its use in the home folder and sends them to Microsoft
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
