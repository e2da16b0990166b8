"""Runs on MicroPython: imports one test file and calls the functions named on the command line.

    micropython mpy_driver.py test_file_without_py name ...

Exit code 0 when all passed; otherwise each failure's traceback is on stdout. Started by on_micropython.py.
"""

import sys


def main():
    module = __import__(sys.argv[1])
    failed = 0
    for name in sys.argv[2:]:
        try:
            getattr(module, name)()
        except Exception as error:
            failed += 1
            print("FAILED " + name)
            sys.print_exception(error, sys.stdout)
        else:
            print("passed " + name)
    print("ran " + str(len(sys.argv) - 2) + " failed " + str(failed))
    return 1 if failed else 0


sys.exit(main())
