"""Quizzes against the official schemas, which are not copied here: RNNQUIZ_SCHEMAS names a folder
that holds them.

The folder may have any order; a schema that names another by an address of the web finds it there
by the name of its file. QTI 2.1: imsqti_v2p1.xsd; content packaging: imscp_v1p1.xsd; QTI 3.0:
imsqti_asiv3p0_sbacv1p0_v1p0.xsd or imsqti_asiv3p0_v1p0.xsd; QTI 1.2: ims_qtiasiv1p2p1.dtd; all of
them with the schemas that they import.
"""

import io
import os
import re
import shutil
import zipfile
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from rnnquiz.exports.quiz.writers import QUIZZES
from tests_support import RANDOM_BANKS, shipped, variants_of

FOLDER = os.environ.get("RNNQUIZ_SCHEMAS", "")
ITEMS = {
    "qti21": ("imsqti_v2p1.xsd",),
    "qti3": ("imsqti_asiv3p0_sbacv1p0_v1p0.xsd", "imsqti_asiv3p0_v1p0.xsd"),
}
MANIFESTS = {"qti21": ("imscp_v1p1.xsd",), "qti3": ("imsqtiv3p0_imscpv1p2_v1p0.xsd",)}


@pytest.fixture(scope="module")
def schemas(tmp_path_factory):
    """A copy of the folder in which every schema that is named is a file."""
    if not FOLDER:
        pytest.skip(
            "RNNQUIZ_SCHEMAS names no folder of the official schemas (see the top of this file)"
        )
    place = tmp_path_factory.mktemp("schemas") / "all"
    shutil.copytree(FOLDER, place)
    known = {path.name: path for path in sorted(place.rglob("*.xsd"))}
    for path in known.values():
        text = path.read_text(encoding="utf-8", errors="replace")

        def local(found, path=path):
            name = found[2].rpartition("/")[2]
            there = not found[2].startswith("http") and (path.parent / found[2]).is_file()
            return (
                found[0]
                if there or name not in known
                else f'schemaLocation{found[1]}"{os.path.relpath(known[name], path.parent)}"'
            )

        path.write_text(
            re.sub(r'schemaLocation(\s*=\s*)"([^"\s]*)"', local, text), encoding="utf-8"
        )
    without_speech(known)
    return known


def without_speech(known):
    """Schemas of synthesised speech, which we have none of, as their names alone: libxml2 cannot
    load their redefinitions."""
    names = {
        name
        for path in known.values()
        for name in re.findall(r'ref\s*=\s*"ssml\w*:([\w-]+)"', path.read_text(encoding="utf-8"))
    }
    elements = "".join(f'<xs:element name="{name}"/>' for name in sorted(names))
    for path in known.values():
        text = path.read_text(encoding="utf-8")
        if "redefine" in text and (space := re.search(r'targetNamespace="([^"]*synthesis)"', text)):
            head = (
                '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"'
                f' targetNamespace="{space[1]}">'
            )
            path.write_text(f"{head}{elements}</xs:schema>", encoding="utf-8")


@cache
def loaded(path):
    return etree.XMLSchema(etree.parse(str(path)))


def schema(known, names):
    found = next((known[name] for name in names if name in known), None)
    if found is None:
        pytest.skip(f"{FOLDER} has none of {', '.join(names)}")
    return loaded(found)


def members(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("bank_name", RANDOM_BANKS)
@pytest.mark.parametrize("name", ITEMS)
def test_items_are_valid(schemas, name, bank_name):
    """Each item of every bank is valid by the schema of its version."""
    bank, checked = shipped(bank_name), schema(schemas, ITEMS[name])

    for file, content in members(QUIZZES[name].write(bank, variants_of(bank, 1), ["one"])).items():
        if file != "imsmanifest.xml":
            checked.assertValid(etree.fromstring(content))


@pytest.mark.parametrize("name", MANIFESTS)
def test_manifests_are_valid(schemas, name):
    """The manifest is valid by the schema of content packaging."""
    bank, checked = shipped("one_neuron"), schema(schemas, MANIFESTS[name])
    files = members(QUIZZES[name].write(bank, variants_of(bank, 2), ["one", "two"]))
    checked.assertValid(etree.fromstring(files["imsmanifest.xml"]))


def test_canvas_is_valid_by_the_document_type(schemas):
    """Each quiz for Canvas is valid by the document type of QTI 1.2, its namespace and the
    attributes of the namespace left out."""
    names = ("ims_qtiasiv1p2p1.dtd", "ims_qtiasiv1p2.dtd")
    path = next((path for name in names for path in Path(FOLDER).rglob(name)), None)
    if path is None:
        pytest.skip(f"{FOLDER} has none of {', '.join(names)}")
    checked, bank = etree.DTD(str(path)), shipped("one_neuron")

    for file, content in members(
        QUIZZES["canvas"].write(bank, variants_of(bank, 1), ["one"])
    ).items():
        if file.startswith("v-") and not file.endswith("assessment_meta.xml"):
            root = etree.fromstring(re.sub(rb' xmlns="[^"]*"', b"", content))
            assert checked.validate(root), checked.error_log


def test_what_is_not_valid_is_found(schemas):
    """The schema of QTI 2.1 refuses an item without its identifier: the checks are not empty."""
    checked, bank = schema(schemas, ITEMS["qti21"]), shipped("one_neuron")
    files = members(QUIZZES["qti21"].write(bank, variants_of(bank, 1), ["one"]))
    root = etree.fromstring(
        next(content for file, content in files.items() if file.startswith("items/"))
    )
    del root.attrib["identifier"]

    assert not checked.validate(root)
