# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""merge(): wanted keys in, everything else as it was."""

from __future__ import annotations

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.dialects import DIALECTS
from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.merge import MARKER, Merged, merge
from ansible_collections.envforge.terraform.plugins.module_utils._errors import DotenvError


def merged(existing: str | None, wanted: dict[str, str], dialect: str = "portable", *, prune: bool = False) -> Merged:
    """merge(), and that a second merge finds nothing to do."""
    first = merge(existing, wanted, dialect, prune=prune)
    again = merge(first.text, wanted, dialect, prune=prune)
    assert again.text == first.text
    assert (again.added, again.changed, again.removed) == ([], [], [])
    assert again.unchanged == list(wanted)
    return first


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_new_file(dialect: str) -> None:
    """The marker, then the keys in the order wanted."""
    result = merged(None, {"B": "1", "A": "x"}, dialect)
    assert result == Merged(f"{MARKER} A B\nB=1\nA=x\n", ["B", "A"], [], [], [], [])


def test_what_is_not_wanted_stays_as_it_is() -> None:
    """Foreign keys, comments, blank lines, order, even spelling nobody would write."""
    existing = '# my own\n\nFOREIGN="x"   \n  B = "old"\n# tail\n'
    result = merged(existing, {"B": "new"})
    assert result.text == f'# my own\n\nFOREIGN="x"   \n{MARKER} B\nB=new\n# tail\n'
    assert result.changed == ["B"]


def test_an_equal_value_keeps_its_line() -> None:
    """Whatever its spelling; and nothing was written, so nothing is marked."""
    existing = 'export A="x"\n'
    assert merged(existing, {"A": "x"}, "bash") == Merged(existing, [], [], [], ["A"], [])


def test_an_equal_value_that_one_reader_sees_differently_is_written_anew() -> None:
    """bash would keep the \\n as it is: portable means all of them."""
    result = merged('A="x\\ny"\n', {"A": "x\ny"})
    assert result.text == f"{MARKER} A\nA='x\ny'\n"


def test_duplicates_of_a_wanted_key_become_one() -> None:
    """The last one prevails for every reader, so its place is kept; a comment beside another is not lost."""
    result = merged("A=1 # first\nB=2\nA=3\nC=4\n", {"A": "3"})
    assert result.text == "# first\nB=2\nA=3\nC=4\n"
    assert result.unchanged == ["A"]
    assert result.duplicates == ["A"]


def test_foreign_duplicates_are_reported_and_left() -> None:
    """They are not ours to remove."""
    result = merged("B=1\nB=2\n", {"A": "x"})
    assert result.duplicates == ["B"]
    assert result.text == f"B=1\nB=2\n{MARKER} A\nA=x\n"


def test_prune_removes_only_what_was_written_before() -> None:
    """A key is ours when the marker says so; a foreign key of any name is not."""
    before = merged("MINE=1\n", {"A": "1", "B": "2"}).text
    result = merged(before, {"A": "1"}, prune=True)
    assert result.removed == ["B"]
    assert result.text == f"MINE=1\n{MARKER} A\nA=1\n"


def test_without_prune_a_key_is_remembered_for_later() -> None:
    """A later run with prune still knows that it was written by us."""
    before = merged(merged(None, {"A": "1", "B": "2"}).text, {"A": "1"}).text
    assert before == f"{MARKER} A B\nA=1\nB=2\n"
    assert merged(before, {"A": "1"}, prune=True).removed == ["B"]


def test_pruning_all_removes_the_marker() -> None:
    """What is left of a file that was ours alone is nothing."""
    assert merged(merged(None, {"A": "1"}).text, {}, prune=True).text == ""


def test_a_key_that_was_equal_before_us_is_not_pruned() -> None:
    """We never wrote it."""
    assert merged(merged("A=1\n", {"A": "1"}).text, {}, prune=True).text == "A=1\n"


def test_line_ends_of_the_file_are_used_where_they_do_no_harm() -> None:
    """A shell takes a carriage return for a part of the value, so there our own lines end as it needs."""
    assert merged("B=1\r\n", {"A": "x y"}, "node").text == f"B=1\r\n{MARKER} A\r\nA='x y'\r\n"
    assert merged("B=1\r\n", {"A": "x y"}, "bash").text == f"B=1\r\n{MARKER} A\nA='x y'\n"


def test_a_missing_last_line_end_is_added_only_before_something_new() -> None:
    """An untouched file stays untouched."""
    assert merged("B=1", {"B": "1"}).text == "B=1"
    assert merged("B=1", {"A": "2"}).text == f"B=1\n{MARKER} A\nA=2\n"


def test_a_byte_order_mark_goes() -> None:
    """It would hide the first key from most readers."""
    assert merged("\ufeffA=1\n", {"A": "1"}).text == "A=1\n"


def test_export_stays_where_the_dialect_knows_it() -> None:
    """systemd would take `export A` for a name; portable therefore writes without."""
    assert merged("export A=1\n", {"A": "2"}, "bash").text == f"{MARKER} A\nexport A=2\n"
    assert merged("export A=1\n", {"A": "2"}).text == f"{MARKER} A\nA=2\n"


def test_a_comment_beside_a_changed_value_moves_above_it() -> None:
    """systemd and docker have no comments at the end of a line."""
    assert merged("A=1 # why\n", {"A": "2"}).text == f"# why\n{MARKER} A\nA=2\n"


def test_a_line_with_several_keys_is_not_taken_apart() -> None:
    """Ours goes behind it, where it prevails."""
    result = merged("export A=1 B=2\n", {"A": "x"}, "bash")
    assert result.text == f"export A=1 B=2\n{MARKER} A\nA=x\n"
    assert result.changed == ["A"]


def test_a_name_alone_on_its_line_is_set() -> None:
    """To python-dotenv it would take the value away again."""
    assert merged("A=1\nA\n", {"A": "1"}, "python-dotenv").text == f"{MARKER} A\nA=1\n"


def test_a_line_that_swallows_ours_is_found_out() -> None:
    """The new text is read back; the message names the key and the reader, never a value."""
    with pytest.raises(
        DotenvError, match="could not merge A: in the new text systemd would read another value of A, B;"
    ) as caught:
        merge("B='open s3cret\n", {"A": "s3cret"}, "systemd", prune=False)
    assert "s3cret" not in str(caught.value)
    assert caught.value.details == {"keys": ["A", "B"]}


def test_a_foreign_line_that_would_take_ours_along_is_found_out() -> None:
    """Our value would be right, but the other key's would have grown."""
    with pytest.raises(DotenvError, match="systemd would read another value of PATHS;"):
        merge("PATHS=C:\\\n", {"A": "1"}, "systemd", prune=False)


def test_a_file_that_one_reader_cannot_read_is_not_portable() -> None:
    """python-dotenv gets over an open quote, bash does not: say so before it finds out."""
    with pytest.raises(DotenvError, match="as bash does: line 1 opens a quote"):
        merge("B=it's\n", {"A": "1"}, "portable", prune=False)


def test_our_own_unreadable_line_is_replaced() -> None:
    """A wanted key spelled as no shell can read it is mended, not complained about."""
    assert merged("A=it's\n", {"A": "it's"}).text == f'{MARKER} A\nA="it\'s"\n'


def test_several_markers_become_one() -> None:
    """As after a merge conflict solved by keeping both sides."""
    existing = f"{MARKER} A\nA=1\n{MARKER} B\nB=2\n"
    assert merged(existing, {"A": "1"}, prune=True).text == f"{MARKER} A\nA=1\n"


def test_a_marker_inside_a_value_is_no_marker() -> None:
    """Only a comment of the file counts."""
    existing = f"NOTE='x\n{MARKER} B\n'\nB=2\n"
    assert merged(existing, {"A": "1"}, prune=True).removed == []


def test_a_value_that_cannot_be_spelled_stops_everything() -> None:
    """Nothing is half written."""
    with pytest.raises(DotenvError, match="could not write B: "):
        merge("A=1\n", {"A": "2", "B": "x\ny"}, "docker", prune=False)
