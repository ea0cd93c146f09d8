"""`python -m chengshu.app`: the command line without the installed script."""

from chengshu.app.cli import main

main()
