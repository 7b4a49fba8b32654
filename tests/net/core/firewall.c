/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ufw 0.36, nft 1.1 and firewalld 2 write. The port is 11204 throughout. */
#include "net/core/firewall.h"

#define PORT 11204

static const struct
{
  const char *settings;
  FirewallVerdict verdict;
} zones[] = {
  { "{'target': <'default'>, 'ports': <[('11204', 'udp')]>}", FIREWALL_OPEN },
  { "{'ports': <[('80', 'tcp'), ('11000-11300', 'udp')]>}", FIREWALL_OPEN },
  { "{'ports': <[('11204', 'tcp')]>}", FIREWALL_CLOSED },
  { "{'ports': <[('1025-11203', 'udp'), ('11205-65535', 'udp')]>}", FIREWALL_CLOSED },
  { "{'target': <'ACCEPT'>}", FIREWALL_OPEN },
  { "{'target': <'DROP'>, 'services': <['ssh']>}", FIREWALL_CLOSED },
  { "{'target': <'default'>, 'rules_str': <['rule family=\"ipv4\" accept']>}", FIREWALL_UNKNOWN },
  { "{'rules_str': <@as []>}", FIREWALL_CLOSED },
  { "{'ports': <'11204'>}", FIREWALL_CLOSED }, /* of another type */
  { "@a{sv} {}", FIREWALL_CLOSED },
  { "['11204']", FIREWALL_UNKNOWN },
};

static void
test_firewalld (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (zones); i++)
    {
      g_autoptr (GVariant) settings = g_variant_parse (NULL, zones[i].settings, NULL, NULL, NULL);
      g_test_message ("%s", zones[i].settings);
      g_assert_nonnull (settings);
      g_assert_cmpint (firewall_firewalld (settings, PORT), ==, zones[i].verdict);
    }
}

static void
test_ufw_is_enabled (void)
{
  g_assert_true (firewall_ufw_is_enabled ("# a comment\n\nENABLED=yes\nLOGLEVEL=low\n"));
  g_assert_true (firewall_ufw_is_enabled ("ENABLED=no\n  ENABLED=\"YES\"  \n"));
  g_assert_false (firewall_ufw_is_enabled ("ENABLED=no\n"));
  g_assert_false (firewall_ufw_is_enabled ("#ENABLED=yes\nENABLED_TOO=yes\n"));
  g_assert_false (firewall_ufw_is_enabled (""));
}

#define DROPS     "IPV6=yes\nDEFAULT_INPUT_POLICY=\"DROP\"\n"
#define ACCEPTS   "DEFAULT_INPUT_POLICY=\"ACCEPT\"\n"
#define IN        "-A ufw-user-input "
#define HEAD      "*filter\n:ufw-user-input - [0:0]\n### RULES ###\n"
#define FOOT      "### END RULES ###\n-A ufw-user-input -j RETURN\nCOMMIT\n"
#define TUPLE     "### tuple ### allow udp 11204 0.0.0.0/0 any 0.0.0.0/0 in\n"
#define APP       " -m comment --comment 'dapp_Wherry'\n"
#define LIMITED   "-p udp --dport 11204 "
#define ELSEWHERE "-A ufw-user-output -p udp --dport 11204 -j ACCEPT\n"

static const struct
{
  const char *defaults, *rules;
  FirewallVerdict verdict;
} ufw[] = {
  { DROPS, HEAD TUPLE IN "-p udp --dport 11204 -j ACCEPT\n" FOOT, FIREWALL_OPEN },
  { DROPS, HEAD IN "-p udp -m multiport --dports 11204,5353 -j ACCEPT" APP FOOT, FIREWALL_OPEN },
  { DROPS, HEAD IN "-p udp -m multiport --dports 11000:12000 -j ACCEPT\n" FOOT, FIREWALL_OPEN },
  { DROPS, HEAD IN "-p tcp --dport 11204 -j ACCEPT\n" FOOT, FIREWALL_CLOSED },
  { DROPS, HEAD IN "-p udp --dport 53 -j ACCEPT\n" FOOT, FIREWALL_CLOSED },
  { DROPS, HEAD FOOT, FIREWALL_CLOSED },
  { DROPS, HEAD ELSEWHERE FOOT, FIREWALL_CLOSED },
  { ACCEPTS, HEAD FOOT, FIREWALL_OPEN },
  { ACCEPTS, HEAD IN "-p udp --dport 11204 -j REJECT\n" FOOT, FIREWALL_CLOSED },
  /* the first that fits */
  { DROPS, HEAD IN LIMITED "-j DROP\n" IN LIMITED "-j ACCEPT\n" FOOT, FIREWALL_CLOSED },
  /* from one network, or on one interface, only */
  { DROPS, HEAD IN LIMITED "-s 192.0.2.0/24 -j ACCEPT\n" FOOT, FIREWALL_UNKNOWN },
  { DROPS, HEAD IN "-i eth0 " LIMITED "-j ACCEPT\n" FOOT, FIREWALL_UNKNOWN },
  { ACCEPTS, HEAD IN "-s 192.0.2.0/24 -j DROP\n" FOOT, FIREWALL_UNKNOWN },
  { DROPS, HEAD IN "-s 192.0.2.0/24 -j DROP\n" FOOT, FIREWALL_CLOSED },
  { DROPS,
    HEAD IN LIMITED "-m conntrack --ctstate NEW -m recent --set\n" IN LIMITED
                    "-m conntrack --ctstate NEW -m recent --update -j ufw-user-limit\n" IN LIMITED
                    "-j ufw-user-limit-accept\n" FOOT,
    FIREWALL_OPEN },
  { "", "", FIREWALL_CLOSED }, /* ufw's own default */
};

static void
test_ufw (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (ufw); i++)
    {
      g_test_message ("%s", ufw[i].rules);
      g_assert_cmpint (firewall_ufw (ufw[i].defaults, ufw[i].rules, PORT), ==, ufw[i].verdict);
    }
}

/* Short words for the rules: base chain "c" of table "t", and chain "d" beside it. */
#define CHAIN(policy, hook)                                                                        \
  "{'chain':{'family':'inet','table':'t','name':'c','handle':1,'type':'filter','hook':'" hook      \
  "','prio':0,'policy':'" policy "'}}"
#define DROP            CHAIN ("drop", "input")
#define ACCEPT          CHAIN ("accept", "input")
#define OF(chain, x)    ",{'rule':{'family':'inet','table':'t','chain':'" chain "','expr':[" x "]}}"
#define RULE(x)         OF ("c", x)
#define MATCH(op, l, r) "{'match':{'op':'" op "','left':{" l "},'right':" r "}},"
#define DPORT           "'payload':{'protocol':'udp','field':'dport'}"
#define TH_DPORT        "'payload':{'protocol':'th','field':'dport'}"
#define TCP_DPORT       "'payload':{'protocol':'tcp','field':'dport'}"
#define SADDR           "'payload':{'protocol':'ip','field':'saddr'}"
#define L4PROTO         "'meta':{'key':'l4proto'}"
#define STATE           "'ct':{'key':'state'}"
#define IIFNAME         "'meta':{'key':'iifname'}"
#define YES             "{'accept':null}"
#define NO              "{'drop':null}"
#define JUMP            "{'jump':{'target':'d'}}"
#define GOTO            "{'goto':{'target':'d'}}"
#define STATES(x)       "{'vmap':{'key':{" STATE "},'data':{'set':[" x "]}}}"

static const struct
{
  const char *objects;
  FirewallVerdict verdict;
} rulesets[] = {
  { "{'metainfo':{'version':'1.1.3','json_schema_version':1}}", FIREWALL_OPEN }, /* none */
  { ACCEPT, FIREWALL_OPEN },
  { DROP, FIREWALL_CLOSED },
  { CHAIN ("drop", "forward"), FIREWALL_OPEN },
  { DROP RULE (YES), FIREWALL_OPEN },
  { ACCEPT RULE (NO), FIREWALL_CLOSED },
  { ACCEPT RULE ("{'reject':{'type':'icmpx','expr':'admin-prohibited'}}"), FIREWALL_CLOSED },
  /* ports */
  { DROP RULE (MATCH ("==", DPORT, "11204") YES), FIREWALL_OPEN },
  { DROP RULE (MATCH ("==", DPORT, "11203") YES), FIREWALL_CLOSED },
  { DROP RULE (MATCH ("!=", DPORT, "11203") YES), FIREWALL_OPEN },
  { DROP RULE (MATCH ("==", DPORT, "{'range':[11000,11300]}") YES), FIREWALL_OPEN },
  { DROP RULE (MATCH ("==", DPORT, "{'range':[11205,11300]}") YES), FIREWALL_CLOSED },
  { DROP RULE (MATCH ("==", DPORT, "{'set':[53,{'range':[11204,11204]}]}") YES), FIREWALL_OPEN },
  { DROP RULE (MATCH ("==", DPORT, "{'set':[53,5353]}") YES), FIREWALL_CLOSED },
  { DROP RULE (MATCH ("==", DPORT, "'@ports'") YES), FIREWALL_UNKNOWN },
  { DROP RULE (MATCH (">", DPORT, "1024") YES), FIREWALL_UNKNOWN },
  { DROP RULE (MATCH ("==", TCP_DPORT, "11204") YES), FIREWALL_CLOSED },
  { DROP RULE (MATCH ("==", L4PROTO, "'udp'") MATCH ("==", TH_DPORT, "11204") YES), FIREWALL_OPEN },
  { DROP RULE (MATCH ("==", L4PROTO, "{'set':['tcp','udp']}") YES), FIREWALL_OPEN },
  { DROP RULE (MATCH ("==", L4PROTO, "17") YES), FIREWALL_OPEN },
  { DROP RULE (MATCH ("==", L4PROTO, "'icmp'") YES), FIREWALL_CLOSED },
  /* the first that fits, and what only watches */
  { DROP RULE (MATCH ("==", DPORT, "11204") NO) RULE (MATCH ("==", DPORT, "11204") YES),
    FIREWALL_CLOSED },
  { DROP RULE (MATCH ("==", DPORT, "11204") "{'counter':{'packets':0,'bytes':0}},"
                                            "{'log':{'prefix':'x'}}," YES),
    FIREWALL_OPEN },
  /* connections */
  { DROP RULE (MATCH ("in", STATE, "['established','related']") YES), FIREWALL_CLOSED },
  { DROP RULE (MATCH ("in", STATE, "['established','new']") YES), FIREWALL_OPEN },
  { DROP RULE (STATES ("['invalid'," NO "],['established'," YES "]")), FIREWALL_CLOSED },
  { DROP RULE (STATES ("['invalid'," NO "],['new'," YES "]")), FIREWALL_OPEN },
  /* what cannot be known */
  { DROP RULE (MATCH ("==", IIFNAME, "'lo'") YES), FIREWALL_CLOSED },
  { DROP RULE (MATCH ("!=", IIFNAME, "'lo'") YES), FIREWALL_OPEN },
  { DROP RULE (MATCH ("==", IIFNAME, "'eth0'") YES), FIREWALL_UNKNOWN },
  { DROP RULE (MATCH ("==", SADDR, "{'prefix':{'addr':'192.0.2.0','len':24}}") YES),
    FIREWALL_UNKNOWN },
  { DROP RULE (MATCH ("==", SADDR, "'192.0.2.1'") NO), FIREWALL_CLOSED },
  { ACCEPT RULE (MATCH ("==", SADDR, "'192.0.2.1'") NO), FIREWALL_UNKNOWN },
  { DROP RULE ("{'limit':{'rate':5,'per':'second'}}," YES), FIREWALL_UNKNOWN },
  { DROP RULE ("{'xt':null}," YES), FIREWALL_UNKNOWN }, /* of iptables-nft */
  { DROP RULE ("{'vmap':{'key':{" IIFNAME "},'data':'@zones'}}"), FIREWALL_UNKNOWN },
  /* chains */
  { DROP RULE (JUMP) OF ("d", YES), FIREWALL_OPEN },
  { DROP RULE (JUMP) RULE (YES) OF ("d", "{'return':null}") OF ("d", NO), FIREWALL_OPEN },
  { DROP RULE (GOTO) RULE (YES) OF ("d", "{'return':null}") OF ("d", NO), FIREWALL_CLOSED },
  { DROP RULE (JUMP) OF ("d", MATCH ("==", DPORT, "53") YES), FIREWALL_CLOSED },
  { DROP RULE (MATCH ("==", SADDR, "'192.0.2.1'") JUMP) OF ("d", YES), FIREWALL_UNKNOWN },
  { DROP RULE (MATCH ("==", TCP_DPORT, "22") JUMP) OF ("d", YES), FIREWALL_CLOSED },
  { DROP RULE (STATES ("['new'," JUMP "]")) OF ("d", YES), FIREWALL_OPEN },
  { DROP RULE (JUMP) OF ("d", JUMP), FIREWALL_UNKNOWN }, /* for ever */
  /* every chain at the hook must let it pass, but one for IPv6 alone */
  { ACCEPT ",{'chain':{'family':'ip','table':'u','name':'c','hook':'input','policy':'drop'}}",
    FIREWALL_CLOSED },
  { ACCEPT ",{'chain':{'family':'ip6','table':'u','name':'c','hook':'input','policy':'drop'}}",
    FIREWALL_OPEN },
};

static void
test_nftables (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rulesets); i++)
    {
      g_autofree char *json = g_strdup_printf ("{'nftables':[%s]}", rulesets[i].objects);
      g_strdelimit (json, "'", '"');
      g_test_message ("%s", json);
      g_assert_cmpint (firewall_nftables (json, PORT), ==, rulesets[i].verdict);
    }
}

static void
test_no_ruleset (void)
{
  static const char *const texts[] = { "", "{}", "[]", "{\"nftables\":{}}", "{\"nftables\":[" };
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_cmpint (firewall_nftables (texts[i], PORT), ==, FIREWALL_UNKNOWN);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/firewall/firewalld", test_firewalld);
  g_test_add_func ("/firewall/ufw-is-enabled", test_ufw_is_enabled);
  g_test_add_func ("/firewall/ufw", test_ufw);
  g_test_add_func ("/firewall/nftables", test_nftables);
  g_test_add_func ("/firewall/no-ruleset", test_no_ruleset);
  return g_test_run ();
}
