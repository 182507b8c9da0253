"""The notes that make an explanation: taken by the closures themselves, so that what explains is what decides."""

from engine.language.explanation import Explanation
from engine.language.frame import Frame, Node


def traced(text: str, node: Node) -> Node:
    """Wrap a compiled part so that it notes its value, and below it those of its own parts."""

    def noted(frame: Frame) -> object:
        if frame.room <= 0:
            return node(frame)
        frame.room -= 1
        level, frame.parts = frame.parts, []
        value = node(frame)
        level.append(Explanation(text, value, frame.parts))
        frame.parts = level
        return value

    return noted
