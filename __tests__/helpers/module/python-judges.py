"""Answers in bulk what Python's own libraries say: questions as JSON on stdin, answers as JSON on stdout."""

import json
import sys

import jsonschema
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet


def allows(specifiers, version):
    try:
        return SpecifierSet(specifiers).contains(version, prereleases=True)
    except InvalidSpecifier:
        return None


def requirement(text):
    try:
        read = Requirement(text)
    except InvalidRequirement:
        return None
    return {"name": read.name, "url": read.url, "specifiers": len(read.specifier)}


def is_schema(schema):
    try:
        jsonschema.Draft7Validator.check_schema(schema)
        return True
    except jsonschema.SchemaError:
        return False


def satisfies(schema, value):
    return jsonschema.Draft7Validator(schema).is_valid(value)


ANSWERS = {"allows": allows, "requirement": requirement, "is_schema": is_schema, "satisfies": satisfies}
json.dump([ANSWERS[kind](*question) for kind, question in json.load(sys.stdin)], sys.stdout)
