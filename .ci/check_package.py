"""Check that a wheel and a source distribution hold what they should, and no more.

python .ci/check_package.py FOLDER
"""

import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

# What is made when a distribution is built.
IN_WHEEL = re.compile(
    r"sklearn_seqadd-[^/]+\.dist-info/"
    r"(METADATA|WHEEL|RECORD|top_level\.txt|licenses/LICENSE)"
)
IN_SDIST = re.compile(r"PKG-INFO|setup\.cfg|sklearn_seqadd\.egg-info/[\w.-]+")

folder = Path(sys.argv[1])
(wheel,) = folder.glob("*.whl")
(sdist,) = folder.glob("*.tar.gz")
tracked = subprocess.run(
    ["git", "ls-files"], capture_output=True, text=True, check=True
).stdout.splitlines()

with zipfile.ZipFile(wheel) as file:
    found = {name for name in file.namelist() if not IN_WHEEL.fullmatch(name)}
expected = {name for name in tracked if name.startswith("sklearn_seqadd/")}
differences = {f"wheel: {name}" for name in found ^ expected}

with tarfile.open(sdist) as file:
    names = {m.name.partition("/")[2] for m in file.getmembers() if m.isfile()}
found = {name for name in names if not IN_SDIST.fullmatch(name)}
differences |= {f"sdist: {name}" for name in found ^ set(tracked)}

if differences:
    sys.exit("Too many or too few:\n" + "\n".join(sorted(differences)))
print(f"{wheel.name}: {len(expected)} files; {sdist.name}: {len(tracked)} files")
