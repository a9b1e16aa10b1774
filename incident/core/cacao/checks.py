from incident.core.cacao.faults import Fault
from incident.core.cacao.values import Json


def check(document: Json) -> list[Fault]:
    return []
