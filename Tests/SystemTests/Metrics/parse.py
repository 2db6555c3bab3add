#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# What Prometheus' own client reads in a file of the text format, as JSON.
#   parse.py FILE
import json
import sys

from prometheus_client.parser import text_string_to_metric_families

with open(sys.argv[1], encoding="utf-8", newline="") as file:
    families = list(text_string_to_metric_families(file.read()))
json.dump([
    {
        "name": family.name, "type": family.type, "help": family.documentation,
        "samples": [{"name": s.name, "labels": s.labels, "value": s.value} for s in family.samples],
    }
    for family in families
], sys.stdout)
