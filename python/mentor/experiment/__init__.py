"""The controlled experiment: many runs that differ by one setting each, from one configuration file.

`config` reads the file, `plan` makes its jobs (start models, training runs, evaluations), `schedule` runs them in
processes of one thread and can be killed at any moment, `result` collects what the run folders hold into one JSON
file, and `tables`, `pictures` and `page` are made from that file alone.
"""

from __future__ import annotations

from mentor.experiment.config import Experiment, load_experiment
from mentor.experiment.plan import Job, plan
from mentor.experiment.result import Result, collect

__all__ = ["Experiment", "Job", "Result", "collect", "load_experiment", "plan"]
