"""Runs the validator of the installed SDK over many modules in one process: folders as JSON on stdin, results on stdout."""

import contextlib
import io
import json
import sys

from hla_compass.validation import ModuleValidator


def judge(folder, strict):
    noise = io.StringIO()
    try:
        with contextlib.redirect_stdout(noise), contextlib.redirect_stderr(noise):
            result = ModuleValidator(manifest_path=folder + "/manifest.json").run(strict=strict)
    except Exception as error:
        return {"crash": type(error).__name__ + ": " + str(error)}
    return {"valid": result.valid, "issues": [issue.to_dict() for issue in result.issues]}


folders = json.load(sys.stdin)
json.dump([{"plain": judge(each, False), "strict": judge(each, True)} for each in folders], sys.stdout)
