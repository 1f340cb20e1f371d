"""Writes the shell scripts in a CI file (GitHub Actions or GitLab) into a directory, one file a step.

    steps.py FILE DIRECTORY

They are called 01.sh and so on, and begin as the CI system begins them.
"""

import pathlib
import sys

import yaml

document = yaml.safe_load(pathlib.Path(sys.argv[1]).read_text())
folder = pathlib.Path(sys.argv[2])
folder.mkdir(parents=True)

scripts = []
for job in document.get("jobs", document).values():
    scripts += [step["run"] for step in job.get("steps", []) if "run" in step]
    if "script" in job:
        scripts.append("\n".join(job["script"]))

for number, script in enumerate(scripts, 1):
    text = f"#!/usr/bin/env bash\nset -eo pipefail\n{script.rstrip()}\n"
    (folder / f"{number:02}.sh").write_text(text)
