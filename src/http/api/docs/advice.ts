import type { Reason } from '../problems/problem-table.ts'

const lookAgain =
  'It was removed, or is somewhere else. List what there is, and use an id from there.'
const nameTaken = 'Choose another name, or use what has it: the list filters by `name`.'
const fromTheList =
  'Look for it in the list. If you have just removed it, there is nothing left to do.'
const askOwner = 'Ask an Owner, or somebody who holds it for as long.'
const askAnew = 'Ask whoever made the link for a new one.'
const makeRoom = 'Remove what is no longer used first.'
const newPassword = 'Choose another password. Nothing was changed.'

/** What there is to do about a problem, for whoever follows the link in its `type`. */
export const advice: Readonly<Record<Reason, string>> = {
  request_malformed:
    '`places` names each place and what was expected there. Members and parameters that are not listed here are refused, too.',
  body_incomplete: 'Send the body to its end, and the length that it has.',
  body_too_large: 'Send less at once. `bytes_max` says how much is taken.',
  content_type_unsupported: 'Send JSON, with the header `Content-Type: application/json`.',
  content_encoding_unsupported:
    'Send the body as it is: what is compressed or encoded otherwise is not read.',
  credentials_ambiguous:
    'Send the token or the cookie and not both: the server does not choose between two callers.',
  authentication_needed:
    'Send `Authorization: Bearer` with a token for this API, or sign in. Nothing of the kind was sent.',
  token_invalid:
    'Get a new token, for the resource `<issuer>/api` of this server. `what` says what is wrong with this one.',
  session_invalid: 'Sign in again: the session has ended, or was ended.',
  origin_mismatched:
    'With the cookie, what changes something must come from a page of this server. From a shell send `origin` as the header `Origin`, and the `csrf_token` of the session in `X-CSRF-Token`. Programs use tokens.',
  csrf_token_mismatched:
    'Send the `csrf_token` of the session in `X-CSRF-Token`; GET /session shows it.',
  not_acceptable:
    'Name one of the `media_types` in `Accept`, or leave it out. Both forms tell the same.',
  path_unknown: 'Compare the path and the ids in it with this page.',
  method_not_allowed: 'The header `Allow` lists the methods of this path.',
  member_immutable:
    '`members` names what cannot be changed. Leave it as it is, or create another object.',
  exports_too_many:
    'Read one export to its end, or leave it, before you begin another. Or wait for the seconds of `Retry-After`.',
  server_error: 'Tell the operator the `trace_id`: the fault stands in the log under it.',
  temporarily_unavailable:
    'Try again after the seconds of `Retry-After`. A creation is safe to repeat with the same `Idempotency-Key`.',

  organization_unknown:
    'It does not exist, or not for you: whoever has nothing to do with an organization cannot see it.',
  organization_name_taken: nameTaken,
  audience_unknown: 'Register the API first, or name the audience of one that is registered.',
  service_account_unknown: lookAgain,
  service_account_name_taken: nameTaken,
  principal_unknown: lookAgain,
  credential_unknown: lookAgain,
  credential_name_taken: nameTaken,
  handle_taken: 'Make another secret: handles are never used twice.',
  credentials_too_many: makeRoom,
  application_key_unknown:
    'Application keys are seen by the member whose they are, and nobody else.',
  application_keys_too_many: makeRoom,

  api_unknown: lookAgain,
  api_built_in: 'The management API is the same everywhere. Register an API of your own.',
  api_name_taken: nameTaken,
  audience_taken: 'An audience belongs to one API of one organization. Choose another.',
  audience_reserved:
    'Below the issuer an organization has only the part that carries its own id. Choose an audience there, or elsewhere.',
  audience_needs_operator:
    'Ask an operator to approve the audience for the organization: `countersign audience-approval create` beside the database, or POST /audience-approvals with their session.',
  api_in_use:
    'Take its permissions out of the roles that hold them, and choose another default audience.',
  permission_unknown: 'Add the permission to the API first, or correct its name.',
  permission_not_in_role: 'Look at what the role holds now.',
  permission_in_use: 'Take the permission out of the roles that hold it first.',
  permissions_too_many: makeRoom,

  role_unknown: lookAgain,
  role_name_taken: nameTaken,
  role_built_in: 'Create a role of your own with the permissions that you want.',
  role_in_use: 'Withdraw it wherever it is granted first: bindings filter by `role_id`.',

  group_unknown: lookAgain,
  group_name_taken: nameTaken,
  groups_too_many: makeRoom,
  members_too_many: 'Make a second group with the same roles.',
  member_unknown: fromTheList,

  binding_unknown: fromTheList,
  binding_exists: '`binding` is the one that exists: change its end, if that is what you want.',
  bindings_too_many: 'Grant a role that holds several of these permissions together.',

  signing_key_unknown: lookAgain,
  signing_alg_unused: 'Choose an algorithm that an API asks for.',
  signing_key_not_opened:
    'Revoke the key, or give the server the key-encryption key that opens it.',
  key_encryption_key_not_held:
    'Give the server the key-encryption key that the signing keys are sealed under.',

  version_mismatched:
    'Read the object again, look at what changed, and send your change with its new `ETag`.',
  expiry_past: 'Choose a moment in the future, or disable or remove it to end it now.',

  permission_missing:
    '`permission` is what is missing: held on the whole organization, and within the scope of the token.',
  organization_disabled: 'Ask an operator of the server to enable it.',
  permission_not_held: `Nobody can give more than they hold themselves. ${askOwner}`,
  authority_insufficient: 'Only those who hold as much can take it away. Ask an Owner.',
  last_owner: 'Give another member the role Owner first: directly, and without an end.',
  operator_needed: 'Sign in as an operator. No token and no role can do this.',
  session_needed: 'Sign in and do it as yourself: no token can.',
  audience_approval_unknown: fromTheList,

  chains_too_many:
    'One checkpoint states no more than `max` chains, wherever it is made. Keep exports of the audit entries elsewhere instead: each line has its hash.',
  checkpoint_key_missing:
    'Look at the signing keys: one has to be active, and this process able to open it.',

  link_unknown: askAnew,
  link_lapsed: askAnew,
  operator_exists: 'The setup link worked once. Operators make other operators.',
  person_exists: 'They are here already: let them sign in.',
  recovery_of_oneself:
    'Change your own password while you are signed in. If you cannot sign in, another Owner or an operator makes the link.',
  sign_in_refused: 'Which of the three is wrong is not told to anybody. A recovery link helps.',
  totp_needed: 'Send the same again with `code`, the present code of your authenticator.',
  sign_in_limited: 'Wait for the seconds of `Retry-After`.',
  sign_in_too_old: 'Sign in again, and do it then: an open screen is not enough for this.',
  sign_in_needed: 'Sign in with this email, and accept the invitation as who you are.',
  password_too_short: newPassword,
  password_too_long: newPassword,
  password_common: `Lists of such passwords are tried first. ${newPassword}`,
  password_personal: `It is tried first. ${newPassword}`,
  password_malformed: newPassword,
  password_mismatch: 'Type the password that you sign in with now.',
  totp_exists: 'Remove the one you have, or keep it.',
  totp_unknown: 'Begin with POST /me/totp.',
  totp_mismatch:
    'Codes change every 30 seconds, and each works once. Look at the clock of the device.',
  session_unknown: 'It has ended already.',
  membership_unknown: lookAgain,
  member_exists: 'Grant roles to the member instead of inviting them.',
  invitation_unknown: 'It was accepted, withdrawn, or has ended.',
  invitation_exists: 'Withdraw the one that is open, and invite again for a new link.',
  invitation_lapsed: 'Whoever invited you may not give this any more. Ask for a new invitation.',
  invitation_of_another: 'Sign in as the person who was invited.',
  invitations_too_many: 'Withdraw invitations that nobody accepts.',
  invitation_roles_too_many: 'Give the rest when they have come.',
  invitation_groups_too_many: 'Give the rest when they have come.',
  person_unknown: lookAgain,
  operator_unknown: fromTheList,
  last_operator: 'Add another operator first.',

  request_replayed:
    'It was made by the first call, and may have been removed since. What is secret is shown once only.',
  idempotency_key_reused: 'Send the key with the same request only, and a new one with another.',
}
