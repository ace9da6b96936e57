#include "core/adapters/authority/foundry.h"

/* Intel SGX PCK Certificate and Certificate Revocation List Profile Specification, 1.3.5. */

static const unsigned char zeros[16], fmspc[6] = { 0x50, 0x80, 0x6f, 0, 0, 0 };

/* SEQUENCE { 1.2.840.113741.1.13.1 and the arcs behind it, value } */
static struct bytes member(struct bytes arcs, unsigned char tag, struct bytes value, struct arena *a)
{
	static const unsigned char id[] = { 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01 };
	struct bytes name = bytes_join(a, (struct bytes[]){ { id, sizeof(id) }, arcs }, 2);
	struct bytes both[] = { bytes_der(a, 6, name), bytes_der(a, tag, value) };

	return bytes_der(a, 0x30, bytes_join(a, both, 2));
}

static struct bytes arc1(unsigned char x, struct arena *a)
{
	return bytes_of(a, &x, 1);
}

static struct bytes components(unsigned char svn, struct arena *a)
{
	static const unsigned char pce_svn = 13;
	struct bytes all[18];

	for (unsigned char i = 1; i <= 17; i++)
		all[i - 1] = member(bytes_of(a, (unsigned char[]){ 2, i }, 2), 2,
				    (struct bytes){ i == 17 ? &pce_svn : &svn, 1 }, a);
	all[17] = member(bytes_of(a, (unsigned char[]){ 2, 18 }, 2), 4, (struct bytes){ zeros, 16 }, a);
	return bytes_join(a, all, 18);
}

struct bytes sgx_extension(unsigned char svn, unsigned platform, bool ppid, struct arena *a)
{
	struct bytes id = bytes_from(a, arena_printf(a, "ppid %u", platform));
	struct bytes all[] = {
		ppid ? member(arc1(1, a), 4, (struct bytes){ id.s, 16 }, a) : (struct bytes){ 0 },
		member(arc1(2, a), 0x30, components(svn, a), a),
		member(arc1(3, a), 4, (struct bytes){ zeros, 2 }, a),
		member(arc1(4, a), 4, (struct bytes){ fmspc, 6 }, a),
	};

	return bytes_der(a, 0x30, bytes_join(a, all, countof(all)));
}
