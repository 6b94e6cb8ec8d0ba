r"""Zone files that are legal and hard to read; every reader makes the same of them."""

LEGAL = {
    "names with escapes and any octet": rb"""
a\.b      TXT "dot"
se\;mi    TXT "semicolon"
sp\032ace TXT "blank"
q\"q      TXT "quote"
back\\s   TXT "backslash"
\255\254  TXT "octets"
\065bc    TXT "a letter by its number"
\@        TXT "at"
\$x       TXT "dollar"
p\(q\)    TXT "parentheses"
UPPER     CNAME Www.Example.NET.
_x._tcp   TXT "underscores"
*.wild    A 192.0.2.1
a.*.b     A 192.0.2.1
1         A 192.0.2.1
in        A 192.0.2.9
""",
    "the order of TTL and class": rb"""
a IN 60 A 192.0.2.1
b 60 IN A 192.0.2.1
c in a 192.0.2.1
d 1h30m A 192.0.2.1
e 1W2D A 192.0.2.1
f 0 A 192.0.2.1
g IN A 192.0.2.1
h CLASS1 61 TYPE1 192.0.2.1
i 62 A 192.0.2.1
j A 192.0.2.1
""",
    "owners that are left out": b"""
a A 192.0.2.1
  A 192.0.2.2
\tAAAA 2001:db8::1

; a comment
  ; another
 60 IN TXT x
@ TXT apex
  TXT still
""",
    "parentheses and comments": b"""
a TXT ( "one" ; comment ) "
      "two"
   )
b ( A
 192.0.2.1 )
c TXT (a b)c(d)
e TXT "(;)" ;(
f MX ( 10 ; preference
)   mail
g TXT a;b
""",
    "nested parentheses": rb"""
a TXT (((x) y) z)
b TXT ( x ( y
) z ) w
""",
    "strings": rb"""
a TXT plain
b TXT "two words" and more
c TXT ""
d TXT "q\"q" "\000\255" "\\"
e TXT a\ b c\;d
f TXT "a""b"c"d"
g TXT \065\066
h TXT "v=DKIM1; k=rsa; p=MIGf/AB+=="
i TXT k="v"
j HINFO "CPU" OS
k SPF "v=spf1 -all"
l TXT """
    + b'"'
    + b"x" * 255
    + b'" "'
    + b"y" * 255
    + b'"\n',
    "directives": rb"""
$ORIGIN sub
a A 192.0.2.1
$ORIGIN sub.sub
b A 192.0.2.2
@ TXT here
$ORIGIN example.org.
c A 192.0.2.3
$TTL 1d
d A 192.0.2.4
e 5 A 192.0.2.5
f A 192.0.2.6
$TTL 7
g A 192.0.2.7
""",
    "generated records": rb"""
$GENERATE 1-3 a$ A 192.0.2.$
$GENERATE 0-10/5 b${10} 60 IN A 192.0.2.${1,0,d}
$GENERATE 10-12 c${0,4,x} CNAME c${-1,2,X}.example.net.
$GENERATE 8-9 d${0,3,o} TXT $
$GENERATE 254-257 ${0,0,n} PTR x$.example.org.
$GENERATE 10-11 ${0,7,n}.e PTR x\$.example.org.
$GENERATE 10-11 ${0,4,N}f TXT a$$
$GENERATE 171-172 ${0,1,n}.g NS ns$.example.net.
$GENERATE 1-2 h MX "$ h$"
$GENERATE 1-2 t$ TXT "number $"
$GENERATE 1-2 u TXT "\"number $\""
$GENERATE 10-11 ${0,6,n}v PTR x$
$GENERATE 1-2 w${-3} A 192.0.2.$
$GENERATE 0-2 x IN 60 A 192.0.2.$
""",
    "types of every kind": rb"""
a01 AAAA ::ffff:192.0.2.1
a02 AAAA ::
a03 MX 0 .
a04 SRV 1 2 3 Host
a05 NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:info@example.com!" .
a06 CAA 128 issue "letsencrypt.org; policy=\"x\""
a07 URI 10 1 "https://example.org/"
a08 TLSA 3 1 1 d2abde240d7cd3ee6b4b28c54df034b9 7983a1d16e8a410e4561cb106618e971
a09 SSHFP 4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789
a10 DNAME target
a11 LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
a12 LOC 1 N 2 E 3m
a13 CERT PKIX 1 RSASHA256 AQID
a14 APL 1:192.0.2.0/24 !2:2001:db8::/32
a15 EUI48 00-00-5e-00-53-2a
a16 EUI64 00-00-5e-ef-10-00-00-2a
a17 OPENPGPKEY AQID BAUG
a18 CSYNC 66 3 A NS AAAA
a19 DS 60485 8 2 D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A
a19 NS ns
a20 CDS 0 0 0 00
a21 CDNSKEY 0 3 0 AA==
a22 DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==
a23 RRSIG A 13 3 300 20300101000000 20200101000000 1 example.org. AQID
a24 NSEC b A NS TYPE1234 RRSIG
a25 NSEC3PARAM 1 0 10 AABB
a26 ZONEMD 2018031500 1 1 a3b69bad980a3504e1cc8c9ed4a1e34b72e1e08e37ed1cc86bfd0cd3d2d35e3c3af5b59f6d3a7c6a4c2e43bf5c3a2dd9
a27 RP mail.box txt
a28 AFSDB 1 afs
a29 KX 1 kx
a30 X25 "311061700956"
a31 ISDN "150862028003217" "004"
a32 RT 10 relay
a33 PX 10 a b
a34 NID 10 0014:4fff:ff20:ee64
a35 L32 10 10.1.2.0
a36 L64 10 2001:0DB8:1140:1000
a37 LP 10 l64-sub
a38 DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=
a41 IPSECKEY 10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
a42 SMIMEA 3 0 0 ab cd
a43 HTTPS 1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1
a44 HTTPS 0 www
a45 SVCB 1 svc alpn="h2" key65333=abc
a46 SVCB 2 svc.example.net. mandatory=alpn,port alpn="h3,h2" no-default-alpn port="53"
a47 PTR x
""",
    "types that NSD or dnspython does not know": rb"""
a48 MB x
a39 MINFO a b
a40 HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cIvM4p9+LrV4e19WzK00+CI6zBCQTdtWsuxKbWIy87UOoJTwkUs7lBu+Upr1gsNrut79ryra+bSRGQb1slImA8YVJyuIDsj7kwzG7jnERNqnWxZ48AWkskmdHaVDP4BcelrTI3rMXdXF5D rvs
a49 GPOS -32.6882 116.8652 10.0
a50 HTTPS 0 www alpn=h2
""",
    "types by number and generic data": rb"""
a TYPE65280 \# 5 0102030405
b TYPE65280 \# 0
c A \# 4 C0000201
d TYPE28 2001:db8::1
e TYPE65280 \# 3 01 02 ( 03 )
f CLASS1 TYPE16 \# 4 03 616263
g MX \# 7 000a 01780179 00
""",
    "included files": b"""
a A 192.0.2.1
$INCLUDE included
  TXT "still a"
$INCLUDE "included" sub
$INCLUDE included sub.example.org.
b TXT "the origin is as before"
$ORIGIN x
$INCLUDE included
$INCLUDE with-ttl y
c TXT "the TTL stays"
""",
    "records that are there twice": rb"""
a A 192.0.2.1
a A 192.0.2.1
b MX 10 mail
b MX 10 MAIL
c TXT a
c TXT A
d CNAME x
d CNAME X
""",
}
"""What follows HEAD, by what is hard about it."""

INCLUDED = {
    "included": b"  TXT inside\ni TXT inside\n$ORIGIN deeper.example.org.\nj TXT j\n",
    "with-ttl": b"$TTL 9\nk TXT k\n",
}
"""The files that LEGAL includes."""

NSD_REFUSES = frozenset(
    (
        "nested parentheses",
        "directives",
        "generated records",
        "included files",
        "types that NSD or dnspython does not know",
    )
)
"""What is legal and too hard for NSD 4.6."""

FAULTY = {
    "an address with a number above 255": "a A 192.0.2.256",
    "an address with three numbers": "a A 192.0.2",
    "an address with leading zeros": "a A 192.0.2.01",
    "an IPv6 address with ten groups": "a AAAA 1:2:3:4:5:6:7:8:9:a",
    "an IPv6 address with a scope": "a AAAA fe80::1%eth0",
    "two addresses": "a A 192.0.2.1 192.0.2.2",
    "no data": "a A",
    "an unknown type": "a FOO bar",
    "another class": "a CH TXT x",
    "a type of questions": "a ANY x",
    "an unclosed quote": 'a TXT "abc',
    "an unclosed parenthesis": "a TXT ( abc",
    "a parenthesis that closes nothing": "a TXT abc )",
    "a label of 64 octets": "a" * 64 + " A 192.0.2.1",
    "a name of 256 octets": ".".join(["a" * 49] * 5) + " A 192.0.2.1",
    "an empty label": "a..b A 192.0.2.1",
    "a leading dot": ".a A 192.0.2.1",
    "a bad escape": r"a\256 A 192.0.2.1",
    "a string of 256 octets": "a TXT " + "x" * 256,
    "a preference out of range": "a MX 65536 b",
    "a preference that is no number": "a MX ten b",
    "a second SOA": "@ SOA other mail 1 2 3 4 5",
    "an SOA elsewhere": "a SOA ns mail 1 2 3 4 5",
    "a CNAME beside other data": "a A 192.0.2.1\na CNAME b",
    "two CNAMEs": "a CNAME b\na CNAME c",
    "an unknown directive": "$FOO bar",
    "a directive without its argument": "$ORIGIN",
    "a file that is not there": "$INCLUDE no-such-file",
    "a range that goes down": "$GENERATE 3-1 a$ A 192.0.2.1",
    "a place that is not closed": "$GENERATE 1-3 a${0 A 192.0.2.1",
    "generic data of another length": r"a TYPE65280 \# 4 010203",
    "generic data that is not hexadecimal": r"a TYPE65280 \# 1 zz",
    "generic data that does not fit its type": r"a A \# 3 010203",
    "a TTL with half a unit": "a 1h30 A 192.0.2.1",
    "a type without data": "a MX 10",
    "a DS with a digest that is too short": "a DS 1 8 2 abcd",
    "a LOC without a direction": "a LOC 52 22 23.000",
    "an HTTPS with a parameter twice": "a HTTPS 1 . port=1 port=2",
    "no strings": "a TXT",
    "an empty NSEC": "a NSEC b",
    "a URI without quotes": "a URI 1 1 x",
    "a name server that is an address": "a NS 192.0.2.1",
    "an EUI48 that is too short": "a EUI48 00-00-5e",
}
"""What follows HEAD and makes the whole file unusable, by what is wrong with it."""
