from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

from rungwise import Client, RungwiseError

from .support import ServiceTest, document

YAML = """
version: 1
kind: group
name: by-hand
tags: [{tag}]
hptuning:
  matrix:
    lr: {{values: [0.1, 0.2]}}
"""


class Groups(ServiceTest):
    def test_a_document_is_a_map_a_text_or_a_path(self) -> None:
        text = YAML.format(tag="text")
        with tempfile.TemporaryDirectory() as folder:
            yaml, as_json = Path(folder, "a.yml"), Path(folder, "b.json")
            yaml.write_text(text)
            as_json.write_text(json.dumps(document()))
            one_line = json.dumps(document())

            groups = [
                self.client.create_group(given)
                for given in (document(), text, yaml, str(yaml), as_json, one_line)
            ]

        names = [group.name for group in groups]
        self.assertEqual(names, [None, "by-hand", "by-hand", "by-hand", None, None])
        self.assertEqual([group.metric for group in groups[:2]], ["loss", None])

    def test_every_mistake_of_a_document_is_named(self) -> None:
        with self.assertRaises(RungwiseError) as raised:
            self.group(concurrency=0, seeed=1)

        error = raised.exception
        self.assertEqual((error.code, error.status), ("invalid_document", 422))
        paths = {mistake.path for mistake in error.errors}
        self.assertEqual(paths, {"hptuning.concurrency", "hptuning.seeed"})
        self.assertIn("hptuning.seeed: Unknown key", str(error))

    def test_a_preview_stores_nothing(self) -> None:
        tag = f"tag-{time.time_ns()}"

        preview = self.client.preview(YAML.format(tag=tag))

        self.assertEqual(preview["planned"], 2)
        self.assertEqual(list(self.client.groups(tag=tag)), [])

    def test_groups_are_listed_by_their_tag_the_newest_first(self) -> None:
        tag = f"tag-{time.time_ns()}"
        made = [self.client.create_group(YAML.format(tag=tag)).id for _ in range(3)]

        self.assertEqual([group.id for group in self.client.groups(tag=tag)], made[::-1])

    def test_a_group_is_stopped_resumed_and_deleted(self) -> None:
        group = self.group()

        self.assertEqual(group.stop().status, "stopped")
        reason = group.status_reason
        self.assertEqual(reason and reason.code, "requested")
        self.assertEqual(group.resume().status, "running")
        group.delete()
        group.delete()
        with self.assertRaises(RungwiseError) as raised:
            self.client.group(group.id)
        self.assertEqual(raised.exception.code, "group_not_found")

    def test_lists_go_on_over_their_pages(self) -> None:
        group = self.group(count=230, concurrency=230)
        handed_out = [e for n in (100, 100, 30) for e in group.suggest(n).experiments]
        handed_out[219].report(loss=1)
        handed_out[3].report(loss=2)

        by_number = [experiment.number for experiment in group.experiments()]
        by_objective = [experiment.number for experiment in group.experiments(sort="objective")]
        queued = list(group.experiments(status="queued"))

        self.assertEqual(by_number, list(range(1, 231)))
        self.assertEqual(by_objective[:2], [220, 4])
        self.assertEqual(queued, [])


class Addresses(ServiceTest):
    def test_an_address_with_a_slash_at_its_end_is_the_same(self) -> None:
        group = Client(self.client.url + "/").create_group(document())

        self.assertEqual(self.client.group(group.id).id, group.id)

    def test_what_is_no_address_is_refused_at_once(self) -> None:
        for url in ("127.0.0.1:8080", "ftp://127.0.0.1", "http://"):
            with self.assertRaisesRegex(ValueError, "no address of a service"):
                Client(url)

    def test_another_path_than_the_service_is_named(self) -> None:
        with self.assertRaises(RungwiseError) as raised:
            Client(f"{self.client.url}/elsewhere").create_group(document())

        self.assertEqual(raised.exception.status, 404)
