"""Tables of persons and their homes, of organisations and offices, and of signing in."""

from tongxin.people.models.register import (
    Account,
    Appointment,
    CommitteeMembership,
    FamilyLink,
    FamilyRequest,
    Household,
    Organisation,
    Ownership,
    Person,
    ReportIn,
    Residence,
    Service,
    Tenancy,
    VerificationRequest,
)
from tongxin.people.models.signin import RecoveryCode, SecondFactor, SignInCode, SignInLimit, SignInSession, WeChatLink
from tongxin.people.models.tokens import ApiToken

__all__ = [
    "Account",
    "ApiToken",
    "Appointment",
    "CommitteeMembership",
    "FamilyLink",
    "FamilyRequest",
    "Household",
    "Organisation",
    "Ownership",
    "Person",
    "RecoveryCode",
    "ReportIn",
    "Residence",
    "SecondFactor",
    "Service",
    "SignInCode",
    "SignInLimit",
    "SignInSession",
    "Tenancy",
    "VerificationRequest",
    "WeChatLink",
]
