"""The workflow language. Pure: no I/O, no state, and no error that data can cause.

From text to closures::

    yaml12 (scalars, yaml_errors)       a file -> plain values, each with its place
    condition (rows, operators)         rows <-> text
    template (holes)                    values with ``${{ }}``
      expression                        what the others are made of
        source, syntax                  text -> Python's syntax tree, foreign signs explained
        compiler (calls, tracing)       tree -> closures of a frame
          paths logic comparison arithmetic loops displays forms functions/

``values`` and ``frame`` are what all of them share; ``walks`` and ``plain`` go through whole values, ``missing`` says
what to write instead of a path that is not there, and ``explanation`` is what a traced evaluation leaves.
"""
