"""Markdown on pages: safe, and written as its language is written."""

import pytest

from incident.web.markdown import markdown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**now**", "<p><strong>now</strong></p>"),
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("![x](https://evil.example/x.png)", '<p>!<a href="https://evil.example/x.png" {}>x</a></p>'),
        ("[x](https://a.example/)", '<p><a href="https://a.example/" {}>x</a></p>'),
    ],
)
def test_markdown_runs_nothing_shows_no_images_and_its_links_tell_nobody(text: str, shown: str) -> None:
    assert markdown(text).strip() == shown.format('rel="noopener noreferrer" target="_blank"')


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("先锁定账号，\n再查明途径。", "<p>先锁定账号，再查明途径。</p>"),
        ("call\nthem", "<p>call\nthem</p>"),
        ("联系\nCERT", "<p>联系\nCERT</p>"),
        ("- 一，\n  二", "<ul>\n<li>一，二</li>\n</ul>"),
        ("**先**\n后", "<p><strong>先</strong>后</p>"),
    ],
)
def test_a_line_end_within_chinese_shows_no_space(text: str, shown: str) -> None:
    assert markdown(text).strip() == shown
