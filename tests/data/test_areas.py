"""Sectors and provinces as data."""

from incident.core.values.affiliation import is_region_code, require_area
from incident.data.areas import provinces, sectors


def test_sectors_have_codes_that_incidents_take_and_names_in_both_languages() -> None:
    assert len(sectors()) == 9
    for code, sector in sectors().items():
        assert require_area(code) == code
        assert sector.name("zh_Hans_CN") != sector.name("en")
        assert sector.nis2


def test_provinces_are_written_with_two_digits() -> None:
    assert len(provinces()) == 34
    assert all(is_region_code(code) and len(code) == 2 for code in provinces())
    assert provinces()["33"].name("zh_Hans_CN") == "浙江"
