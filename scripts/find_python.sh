# Sourced by run and test: sets $python to an interpreter that is new enough, or ends with one plain sentence.
python=""
for candidate in .venv/bin/python python3 python3.13 python3.12 python3.11 python3.14 python; do
    if "$candidate" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Custos needs Python 3.11 or newer and found none: install it (Debian: apt install python3 python3-venv)" \
        "and run this command again." >&2
    exit 1
fi
