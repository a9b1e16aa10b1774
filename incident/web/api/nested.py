"""Fields that hold nested objects; their faults have codes and locations like those of every other field."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from incident.core.values.faults import RuleError
from incident.web.api.arguments import Arguments
from incident.web.api.fields import Coded


class Objects(fields.List[Any]):
    """A list of objects of one shape.

    Args:
        of: the shape of the objects.
        most: the maximum number of objects.
    """

    def __init__(self, of: type[Arguments], most: int, **kwargs: Any) -> None:
        metadata = {"maxItems": most} | kwargs.pop("metadata", {})
        super().__init__(fields.Nested(of), metadata=metadata, **kwargs)
        self.most = most

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if not isinstance(value, list) or len(value) > self.most:
            raise ValidationError([Coded(RuleError("document.not_a_list", {"most": self.most}))])
        return super()._deserialize(value, attr, data, **kwargs)
