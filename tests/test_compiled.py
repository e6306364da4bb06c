"""Templates as Jinja has compiled them, kept for the next command."""

import jinja2
import pytest

from rnnquiz.documents.compiled import KeptTemplates


@pytest.fixture
def kept(tmp_path):
    """The folder in which they are kept."""
    return tmp_path / "cache"


def shown(kept, text="{{ a }} and b", environment="html in en"):
    """A template, filled in by an environment of its own, as another command has one; and whether
    it had to be compiled."""
    runs = []

    class Watched(jinja2.Environment):
        def _generate(self, *arguments, **options):
            runs.append(1)
            return super()._generate(*arguments, **options)

    loader = jinja2.DictLoader({"page": text})
    made = Watched(loader=loader, bytecode_cache=KeptTemplates(environment, kept))
    return made.get_template("page").render(a=1), bool(runs)


def test_a_template_is_compiled_once(kept):
    """The second render takes the compiled template from a file, which is for its owner alone."""
    assert [shown(kept), shown(kept)] == [("1 and b", True), ("1 and b", False)]
    assert [file.stat().st_mode & 0o777 for file in kept.iterdir()] == [0o600]


def test_another_text_and_another_environment_are_compiled(kept):
    """A compiled template stands for one text in one environment."""
    shown(kept)
    assert shown(kept, "{{ a }} and c") == ("1 and c", True)
    assert shown(kept, "{{ a }} and c", "html in de") == ("1 and c", True)


def test_what_others_may_have_written_is_not_run(kept):
    """A file that others may write to is no compiled template of ours."""
    shown(kept)
    for file in kept.iterdir():
        file.chmod(0o666)

    assert shown(kept) == ("1 and b", True)


def test_a_damaged_file_is_made_anew(kept):
    """A compiled template that is cut off is compiled again, and kept again."""
    shown(kept)
    for file in kept.iterdir():
        file.write_bytes(file.read_bytes()[:60])

    assert [shown(kept), shown(kept)] == [("1 and b", True), ("1 and b", False)]


def test_where_nothing_can_be_kept_templates_are_compiled(kept):
    """Without a place to keep them, templates are compiled and rendered all the same."""
    kept.write_text("a file in the place of the folder")
    assert shown(kept) == ("1 and b", True)
