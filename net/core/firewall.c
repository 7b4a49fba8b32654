/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/firewall.h"

#include <string.h>

/* "11204", "11000-11300", "11000:11300", or several of these with commas. */
static bool
ranges_contain (const char *text, uint16_t port)
{
  g_auto (GStrv) ranges = g_strsplit (text, ",", -1);
  for (char **range = ranges; *range; range++)
    {
      char *end;
      guint64 first = g_ascii_strtoull (*range, &end, 10);
      guint64 last = *end == '-' || *end == ':' ? g_ascii_strtoull (end + 1, NULL, 10) : first;
      if (end > *range && first <= port && port <= last)
        return true;
    }
  return false;
}

FirewallVerdict
firewall_firewalld (GVariant *settings, uint16_t port)
{
  if (!g_variant_is_of_type (settings, G_VARIANT_TYPE_VARDICT))
    return FIREWALL_UNKNOWN;
  g_autoptr (GVariant) ports = g_variant_lookup_value (settings, "ports", G_VARIANT_TYPE ("a(ss)"));
  g_autoptr (GVariant) rich_rules =
      g_variant_lookup_value (settings, "rules_str", G_VARIANT_TYPE ("as"));
  const char *target = "";
  g_variant_lookup (settings, "target", "&s", &target);
  if (g_str_equal (target, "ACCEPT"))
    return FIREWALL_OPEN;
  for (gsize i = 0; ports && i < g_variant_n_children (ports); i++)
    {
      const char *range, *protocol;
      g_variant_get_child (ports, i, "(&s&s)", &range, &protocol);
      if (g_str_equal (protocol, "udp") && ranges_contain (range, port))
        return FIREWALL_OPEN;
    }
  return rich_rules && g_variant_n_children (rich_rules) > 0 ? FIREWALL_UNKNOWN : FIREWALL_CLOSED;
}

/* The value of NAME=VALUE or NAME="VALUE", the last one of them; NULL without one. */
static char *
find_setting (const char *text, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  char *value = NULL;
  for (char **line = lines; *line; line++)
    {
      const char *rest = g_strstrip (*line);
      if (!g_str_has_prefix (rest, name) || rest[strlen (name)] != '=')
        continue;
      g_free (value);
      value = g_strdelimit (g_strdup (rest + strlen (name) + 1), "\"'", ' ');
      g_strstrip (value);
    }
  return value;
}

bool
firewall_ufw_is_enabled (const char *configuration)
{
  g_autofree char *enabled = find_setting (configuration, "ENABLED");
  return enabled && g_ascii_strcasecmp (enabled, "yes") == 0;
}

typedef struct
{
  bool matches, certainly; /* the second only when the first */
  const char *target;      /* (nullable) */
} UfwRule;

/* Options that say nothing about who sends: the words of ufw's own rules. */
static bool
takes_harmless_value (const char *option)
{
  static const char *const harmless[] = { "-m", "--comment", "--ctstate", "--log-prefix", NULL };
  return g_strv_contains (harmless, option);
}

static UfwRule
read_rule (char **words, uint16_t port)
{
  UfwRule rule = { .matches = true, .certainly = true };
  for (char **word = words; *word; word++)
    {
      const char *value = word[1] ? word[1] : "";
      if (g_str_equal (*word, "-p"))
        rule.matches = rule.matches && (g_str_equal (value, "udp") || g_str_equal (value, "all"));
      else if (g_str_equal (*word, "--dport") || g_str_equal (*word, "--dports"))
        rule.matches = rule.matches && ranges_contain (value, port);
      else if (g_str_equal (*word, "-j"))
        rule.target = value;
      else if (takes_harmless_value (*word))
        continue;
      else if (**word == '-')
        rule.certainly = false;
    }
  return rule;
}

FirewallVerdict
firewall_ufw (const char *defaults, const char *rules, uint16_t port)
{
  static const char chain[] = "-A ufw-user-input ";
  g_autofree char *policy = find_setting (defaults, "DEFAULT_INPUT_POLICY");
  g_auto (GStrv) lines = g_strsplit (rules, "\n", -1);
  bool perhaps_open = false, perhaps_closed = false;
  FirewallVerdict verdict = g_strcmp0 (policy, "ACCEPT") == 0 ? FIREWALL_OPEN : FIREWALL_CLOSED;
  for (char **line = lines; *line; line++)
    {
      if (!g_str_has_prefix (*line, chain))
        continue;
      g_auto (GStrv) words = g_strsplit (*line + strlen (chain), " ", -1);
      UfwRule rule = read_rule (words, port);
      /* "limit" accepts a first datagram, by the last of its three rules. */
      bool opens = g_strcmp0 (rule.target, "ACCEPT") == 0 ||
                   g_strcmp0 (rule.target, "ufw-user-limit-accept") == 0;
      bool closes = g_strcmp0 (rule.target, "DROP") == 0 || g_strcmp0 (rule.target, "REJECT") == 0;
      if (!rule.matches || (!opens && !closes))
        continue;
      if (rule.certainly)
        {
          verdict = opens ? FIREWALL_OPEN : FIREWALL_CLOSED;
          break;
        }
      perhaps_open = perhaps_open || opens;
      perhaps_closed = perhaps_closed || closes;
    }
  bool doubtful = verdict == FIREWALL_OPEN ? perhaps_closed : perhaps_open;
  return doubtful ? FIREWALL_UNKNOWN : verdict;
}
