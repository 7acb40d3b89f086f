# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loads in the controller what each of its workers would otherwise load for itself, and forget, at every task.

ansible-playbook imports an action before it forks the first worker for it, and a worker inherits what is loaded. Plugins
that only templates use are loaded where these are rendered, in the workers: Jinja's tests, a lookup together with its
documentation, the filters of this collection. With 50 stacks that was a third of the workers' own time.
"""

from __future__ import annotations

import codecs
from contextlib import suppress

from ansible.plugins.loader import action_loader, filter_loader, lookup_loader, test_loader
from ansible.utils.collection_loader import AnsibleCollectionConfig

from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import load_boto3
from ansible_collections.envforge.terraform.plugins.module_utils._errors import AwsUnreachable

LOOKUPS = ("tf_output", "tf_remote_state", "tf_root", "tf_stack")


def load_aws() -> None:
    """For an action whose every worker calls AWS: importing boto3 takes 0.15 s. Where it is missing, the task says so itself."""
    with suppress(AwsUnreachable):
        load_boto3()


def load_plugins() -> None:
    """Nothing happens for what is loaded already, nor where no run has set up how collections are found."""
    if AnsibleCollectionConfig.collection_finder is None:
        return
    test_loader.get("ansible.builtin.defined")  # one brings all of its collection, here and below
    filter_loader.get("ansible.builtin.default")
    filter_loader.get("envforge.terraform.refusal")
    for lookup in LOOKUPS:
        lookup_loader.get(f"envforge.terraform.{lookup}")
    action_loader.get("ansible.builtin.normal", class_only=True)  # what includes run as
    codecs.lookup("cp437")  # of the names in a zip archive, which a plan file is
