/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/quic/tls_prefers_aes.h"

#ifdef __aarch64__
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

bool
tls_prefers_aes (void)
{
#if defined __x86_64__
  return __builtin_cpu_supports ("aes") && __builtin_cpu_supports ("pclmul");
#elif defined __aarch64__
  return getauxval (AT_HWCAP) & HWCAP_AES;
#else
  return false;
#endif
}
