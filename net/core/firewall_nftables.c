/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/core/firewall.h"

#include <string.h>

#include "net/core/wire_json.h"

#define NAME_MAX_LEN 256
#define OBJECTS_MAX  65536
#define JUMPS_MAX    16 /* as in the kernel */
/* Objects that are looked at, over all chains: a chain may be jumped to again and again. */
#define LOOKS_MAX (1024 * 1024)

typedef enum
{
  NO,
  PERHAPS,
  YES,
} Truth;

/* What becomes of the datagram. */
typedef enum
{
  GOES_ON, /* with the next rule */
  RETURNS, /* to where the chain was jumped to from */
  ACCEPTED,
  REFUSED,
} Fate;

typedef struct
{
  const WireJsonNode *objects;
  uint16_t port;
  const char *family, *table; /* of the chain that is walked */
  guint depth, looks;
  bool perhaps_accepted, perhaps_refused;
} Walk;

static const char *
get_string (const WireJsonNode *object, const char *name)
{
  const char *value = "";
  wire_json_get_string (object, name, NAME_MAX_LEN, &value, NULL);
  return value;
}

static const WireJsonNode *
get_object (const WireJsonNode *object, const char *name)
{
  const WireJsonNode *value = NULL;
  return wire_json_get_object (object, name, &value, NULL) ? value : NULL;
}

/* What the datagram has where a rule looks: a number, a word, or both. */
typedef struct
{
  uint64_t number;
  const char *word;
} Field;

static const Field udp_protocol = { 17, "udp" }, new_connection = { 8, "new" };

static Truth
number_is_in (const WireJsonNode *range, uint64_t number)
{
  const WireJsonNode *ends;
  uint64_t first, last;
  if (!wire_json_get_array (range, "range", 2, &ends, NULL) || wire_json_count (ends) != 2 ||
      !wire_json_as_uint (wire_json_first (ends), "first", G_MAXUINT32, &first, NULL) ||
      !wire_json_as_uint (wire_json_next (ends, wire_json_first (ends)), "last", G_MAXUINT32, &last,
                          NULL))
    return PERHAPS;
  return first <= number && number <= last ? YES : NO;
}

static Truth
word_is (const char *word, const Field *field)
{
  if (*word == '@')
    return PERHAPS; /* a set with a name */
  return field->word && g_str_equal (word, field->word) ? YES : NO;
}

static Truth
element_is (const WireJsonNode *element, const Field *field)
{
  uint64_t number;
  const char *word;
  if (wire_json_as_uint (element, "number", G_MAXUINT64, &number, NULL))
    return number == field->number ? YES : NO;
  if (wire_json_as_string (element, "word", NAME_MAX_LEN, &word, NULL))
    return word_is (word, field);
  return number_is_in (element, field->number);
}

static Truth
any_is (const WireJsonNode *elements, const Field *field)
{
  Truth truth = NO;
  for (const WireJsonNode *e = wire_json_first (elements); e; e = wire_json_next (elements, e))
    truth = MAX (truth, element_is (e, field));
  return truth;
}

/* Whether the member "right" of @match is what the datagram has. */
static Truth
right_is (const WireJsonNode *match, const Field *field)
{
  const WireJsonNode *list, *object = get_object (match, "right");
  uint64_t number;
  const char *word;
  if (wire_json_get_uint (match, "right", G_MAXUINT64, &number, NULL))
    return number == field->number ? YES : NO;
  if (wire_json_get_string (match, "right", NAME_MAX_LEN, &word, NULL))
    return word_is (word, field);
  if (wire_json_get_array (match, "right", OBJECTS_MAX, &list, NULL) ||
      (object && wire_json_get_array (object, "set", OBJECTS_MAX, &list, NULL)))
    return any_is (list, field);
  return object ? number_is_in (object, field->number) : PERHAPS;
}

/* Protocols that a UDP datagram over IPv4 has nothing of. */
static bool
is_foreign (const char *protocol)
{
  static const char *const foreign[] = { "tcp", "sctp", "dccp", "udplite", "icmp", "icmpv6", "igmp",
                                         "ip6", "esp",  "ah",   "comp",    "gre",  NULL };
  return g_strv_contains (foreign, protocol);
}

static Truth
find_payload (const Walk *walk, const WireJsonNode *payload, Field *field)
{
  const char *protocol = get_string (payload, "protocol"), *name = get_string (payload, "field");
  if ((g_str_equal (protocol, "udp") || g_str_equal (protocol, "th")) &&
      g_str_equal (name, "dport"))
    *field = (Field) { .number = walk->port };
  else if (g_str_equal (protocol, "ip") && g_str_equal (name, "protocol"))
    *field = udp_protocol;
  else
    return is_foreign (protocol) ? NO : PERHAPS;
  return YES;
}

/* YES: @field is what the datagram has at @left. NO: it has no such thing, as the port of TCP. */
static Truth
find_field (const Walk *walk, const WireJsonNode *left, Field *field)
{
  const WireJsonNode *payload = get_object (left, "payload"), *meta = get_object (left, "meta");
  const WireJsonNode *ct = get_object (left, "ct");
  if (payload)
    return find_payload (walk, payload, field);
  if (meta && g_str_equal (get_string (meta, "key"), "l4proto"))
    *field = udp_protocol;
  else if (ct && g_str_equal (get_string (ct, "key"), "state"))
    *field = new_connection;
  else
    return PERHAPS;
  return YES;
}

static Truth
matches (const Walk *walk, const WireJsonNode *match)
{
  const WireJsonNode *left = get_object (match, "left");
  const char *op = get_string (match, "op");
  Field field = { 0 };
  if (!left)
    return PERHAPS;
  const WireJsonNode *meta = get_object (left, "meta");
  bool different = g_str_equal (op, "!=");
  if (meta && g_str_has_prefix (get_string (meta, "key"), "iif"))
    { /* of the interfaces only the loopback is known not to be it */
      bool loopback = g_str_equal (get_string (match, "right"), "lo");
      return !loopback ? PERHAPS : different ? YES : NO;
    }
  Truth truth = find_field (walk, left, &field);
  if (truth != YES)
    return truth;
  if (!different && !g_str_equal (op, "==") && !g_str_equal (op, "in"))
    return PERHAPS;
  truth = right_is (match, &field);
  return !different || truth == PERHAPS ? truth : truth == YES ? NO : YES;
}

static Fate walk_chain (Walk *walk, const char *chain);

static Fate
jump (Walk *walk, const WireJsonNode *statement, const char *how)
{
  const WireJsonNode *target = get_object (statement, how);
  if (walk->depth >= JUMPS_MAX)
    {
      walk->perhaps_accepted = walk->perhaps_refused = true;
      return GOES_ON;
    }
  walk->depth++;
  Fate fate = walk_chain (walk, get_string (target, "target"));
  walk->depth--;
  if (fate == RETURNS)
    fate = GOES_ON;
  return fate == GOES_ON && g_str_equal (how, "goto") ? RETURNS : fate;
}

/* A verdict, when @statement is one; else GOES_ON. */
static Fate
obey (Walk *walk, const WireJsonNode *statement)
{
  if (wire_json_has (statement, "accept"))
    return ACCEPTED;
  if (wire_json_has (statement, "drop") || wire_json_has (statement, "reject"))
    return REFUSED;
  if (wire_json_has (statement, "return"))
    return RETURNS;
  if (get_object (statement, "jump"))
    return jump (walk, statement, "jump");
  if (get_object (statement, "goto"))
    return jump (walk, statement, "goto");
  return GOES_ON;
}

static Fate
consider (Walk *walk, Fate fate, Truth truth)
{
  if (truth == YES)
    return fate;
  walk->perhaps_accepted = walk->perhaps_accepted || fate == ACCEPTED || fate == RETURNS;
  walk->perhaps_refused = walk->perhaps_refused || fate == REFUSED || fate == RETURNS;
  return GOES_ON;
}

/* A map from values to verdicts; the first value that fits decides. */
static Fate
obey_map (Walk *walk, const WireJsonNode *map, Truth truth)
{
  const WireJsonNode *key = get_object (map, "key"), *data = get_object (map, "data"), *pairs;
  Field field = { 0 };
  Truth known = key ? find_field (walk, key, &field) : PERHAPS;
  if (known == NO)
    return GOES_ON;
  if (known == PERHAPS || !data || !wire_json_get_array (data, "set", OBJECTS_MAX, &pairs, NULL))
    {
      walk->perhaps_accepted = walk->perhaps_refused = true;
      return GOES_ON;
    }
  for (const WireJsonNode *p = wire_json_first (pairs); p; p = wire_json_next (pairs, p))
    {
      if (wire_json_count (p) != 2)
        continue;
      const WireJsonNode *value = wire_json_first (p), *verdict = wire_json_next (p, value);
      Truth fits = MIN (truth, element_is (value, &field));
      Fate fate = fits == NO ? GOES_ON : consider (walk, obey (walk, verdict), fits);
      if (fate != GOES_ON)
        return fate;
    }
  return GOES_ON;
}

static bool
only_watches (const WireJsonNode *statement)
{
  return wire_json_has (statement, "counter") || wire_json_has (statement, "log") ||
         wire_json_has (statement, "mangle") || wire_json_has (statement, "notrack");
}

static Fate
obey_rule (Walk *walk, const WireJsonNode *rule)
{
  const WireJsonNode *expression;
  Truth truth = YES;
  if (!wire_json_get_array (rule, "expr", OBJECTS_MAX, &expression, NULL))
    return GOES_ON;
  for (const WireJsonNode *s = wire_json_first (expression); s && truth != NO;
       s = wire_json_next (expression, s))
    {
      const WireJsonNode *match = get_object (s, "match"), *map = get_object (s, "vmap");
      Fate fate = map ? obey_map (walk, map, truth) : consider (walk, obey (walk, s), truth);
      if (fate != GOES_ON)
        return fate;
      if (match)
        truth = MIN (truth, matches (walk, match));
      else if (!map && !only_watches (s))
        truth = MIN (truth, PERHAPS);
    }
  return GOES_ON;
}

static Fate
walk_chain (Walk *walk, const char *chain)
{
  for (const WireJsonNode *o = wire_json_first (walk->objects); o;
       o = wire_json_next (walk->objects, o))
    {
      const WireJsonNode *rule = get_object (o, "rule");
      if (++walk->looks > LOOKS_MAX)
        {
          walk->perhaps_accepted = walk->perhaps_refused = true;
          return GOES_ON;
        }
      if (!rule || !g_str_equal (get_string (rule, "chain"), chain) ||
          !g_str_equal (get_string (rule, "table"), walk->table) ||
          !g_str_equal (get_string (rule, "family"), walk->family))
        continue;
      Fate fate = obey_rule (walk, rule);
      if (fate != GOES_ON)
        return fate;
    }
  return GOES_ON;
}

/* What arrives goes through every chain at the hook of input, and each must let it pass. */
static FirewallVerdict
verdict_of_chain (const WireJsonNode *objects, const WireJsonNode *chain, uint16_t port)
{
  Walk walk = { .objects = objects,
                .port = port,
                .family = get_string (chain, "family"),
                .table = get_string (chain, "table") };
  Fate fate = walk_chain (&walk, get_string (chain, "name"));
  if (fate == GOES_ON || fate == RETURNS)
    fate = g_str_equal (get_string (chain, "policy"), "drop") ? REFUSED : ACCEPTED;
  if (fate == ACCEPTED)
    return walk.perhaps_refused ? FIREWALL_UNKNOWN : FIREWALL_OPEN;
  return walk.perhaps_accepted ? FIREWALL_UNKNOWN : FIREWALL_CLOSED;
}

FirewallVerdict
firewall_nftables (const char *ruleset, uint16_t port)
{
  static const char *const families[] = { "inet", "ip", NULL };
  g_autoptr (WireJson) json = wire_json_parse ((const uint8_t *) ruleset, strlen (ruleset), NULL);
  const WireJsonNode *objects;
  FirewallVerdict verdict = FIREWALL_OPEN;
  if (!json ||
      !wire_json_get_array (wire_json_root (json), "nftables", OBJECTS_MAX, &objects, NULL))
    return FIREWALL_UNKNOWN;
  for (const WireJsonNode *o = wire_json_first (objects); o; o = wire_json_next (objects, o))
    {
      const WireJsonNode *chain = get_object (o, "chain");
      if (!chain || !g_str_equal (get_string (chain, "hook"), "input") ||
          !g_strv_contains (families, get_string (chain, "family")))
        continue;
      FirewallVerdict one = verdict_of_chain (objects, chain, port);
      if (one == FIREWALL_CLOSED)
        return one;
      if (one == FIREWALL_UNKNOWN)
        verdict = one;
    }
  return verdict;
}
