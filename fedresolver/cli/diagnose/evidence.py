"""All that was seen."""

import msgspec

from fedresolver.cli.diagnose.listener import Listener
from fedresolver.cli.diagnose.page import Page
from fedresolver.cli.diagnose.resolv_conf import ResolvConf
from fedresolver.cli.diagnose.stub_domain import StubDomain
from fedresolver.cli.diagnose.subject import Subject
from fedresolver.cli.diagnose.upstream import Asked
from fedresolver.cli.diagnose.verdict import Unseen
from fedresolver.cli.diagnose.written import Written


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What each check looks at, or why that cannot be seen from here.

    `asked` is the name that does not resolve, empty where none is named; `version` is that of this command. `there` is
    whether the snapshot's file is seen here, None where the machine is another.
    """

    asked: str
    version: str
    subject: Subject | Unseen
    page: Page | Unseen
    conf: ResolvConf | Unseen
    stub: StubDomain | Unseen
    listeners: tuple[Listener, ...] | Unseen
    corefile: Written | Unseen
    upstreams: tuple[Asked, ...] | Unseen
    there: bool | None = None
