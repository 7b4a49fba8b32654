/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer/policy.h"

G_DEFINE_ENUM_TYPE (WherryPolicyRule, wherry_policy_rule, G_DEFINE_ENUM_VALUE (POLICY_ASK, "ask"),
                    G_DEFINE_ENUM_VALUE (POLICY_ACCEPT, "accept"),
                    G_DEFINE_ENUM_VALUE (POLICY_DECLINE, "decline"))

struct PolicyTable
{
  Policy all;
  GHashTable *own; /* (owned) (owned) NodeId -> (owned) Policy, of paired devices */
};

static Policy *
policy_copy (const Policy *policy)
{
  Policy *copy = g_new (Policy, 1);
  *copy = (Policy) { policy->rule, policy->folder ? g_object_ref (policy->folder) : NULL };
  return copy;
}

static void
policy_free (gpointer data)
{
  Policy *policy = data;
  g_clear_object (&policy->folder);
  g_free (policy);
}

PolicyTable *
policy_table_new (PolicyRule rule)
{
  PolicyTable *table = g_new (PolicyTable, 1);
  *table = (PolicyTable) {
    .all = { .rule = rule },
    .own = g_hash_table_new_full (node_id_hash, node_id_equal_cb, g_free, policy_free),
  };
  return table;
}

void
policy_table_free (PolicyTable *table)
{
  g_clear_object (&table->all.folder);
  g_hash_table_unref (table->own);
  g_free (table);
}

void
policy_table_set (PolicyTable *table, const NodeId *device, const Policy *policy)
{
  if (device)
    {
      g_hash_table_replace (table->own, g_memdup2 (device, sizeof *device), policy_copy (policy));
      return;
    }
  table->all.rule = policy->rule;
  g_set_object (&table->all.folder, policy->folder);
}

void
policy_table_reset (PolicyTable *table, const NodeId *device)
{
  g_hash_table_remove (table->own, device);
}

const Policy *
policy_table_get (PolicyTable *table, const NodeId *device)
{
  const Policy *own = device ? g_hash_table_lookup (table->own, device) : NULL;
  return own ?: &table->all;
}
