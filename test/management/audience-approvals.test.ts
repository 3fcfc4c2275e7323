import { describe, expect, it } from 'vitest'
import type { AudienceApprovalId } from '../../src/domain/id.ts'
import { registerApi } from '../../src/management/apis.ts'
import {
  approveAudience,
  showAudienceApproval,
  listAudienceApprovals,
  withdrawAudienceApproval,
} from '../../src/management/audience-approvals.ts'
import {
  accepted,
  audience,
  issuer,
  name,
  newMember,
  newOrganization,
  nothingWritten,
  tracesOf,
  useDesk,
} from './desk.ts'
import { asPerson } from './people.ts'

const desk = useDesk()

describe('the approval of an audience', () => {
  it('lets its organization, and no other, register the audience', async () => {
    const [mine, other] = [await newOrganization(desk()), await newOrganization(desk())]
    const wanted = audience('https://approved.example.com')
    const registered = async (organization: typeof mine.id) =>
      // The server itself has no operator's word.
      registerApi(
        desk(),
        { ...desk().act, actor: { type: 'server', id: 'server', name: 'Countersign' } },
        {
          organization,
          audience: wanted,
          name: name('Approved'),
        },
      )
    const refusal = { reason: 'audience_needs_operator', audience: wanted }
    expect(await registered(mine.id)).toEqual({ ok: false, refusal })
    accepted(await approveAudience(desk(), desk().act, { organization: mine.id, audience: wanted }))
    expect(await registered(other.id)).toEqual({ ok: false, refusal })
    expect(accepted(await registered(mine.id))).toMatchObject({ audience: wanted })
  })

  it('is listed, given once, and withdrawn for good', async () => {
    const { id: organization } = await newOrganization(desk())
    const asked = { organization, audience: audience('https://listed.example.com') }
    const approval = accepted(await approveAudience(desk(), desk().act, asked))
    expect(approval).toMatchObject({ ...asked, createdBy: { name: 'ada' } })
    expect((await listAudienceApprovals(desk())).items).toContainEqual(approval)
    expect(accepted(await showAudienceApproval(desk(), approval.id))).toEqual(approval)
    const again = async () => {
      expect(accepted(await approveAudience(desk(), desk().act, asked))).toEqual(approval)
    }
    expect(await tracesOf(desk(), again)).toEqual(nothingWritten)

    accepted(await withdrawAudienceApproval(desk(), desk().act, approval.id))
    expect((await listAudienceApprovals(desk())).items).not.toContainEqual(approval)
    const refusal = { reason: 'audience_approval_unknown', approval: approval.id }
    expect(await showAudienceApproval(desk(), approval.id)).toEqual({ ok: false, refusal })
    expect(await withdrawAudienceApproval(desk(), desk().act, approval.id)).toEqual({
      ok: false,
      refusal,
    })
  })

  it('is written down in the trail of the organization', async () => {
    const { id: organization } = await newOrganization(desk())
    const wanted = audience('https://traced.example.com')
    const traces = await tracesOf(desk(), async () => {
      const asked = { organization, audience: wanted }
      const { id } = accepted(await approveAudience(desk(), desk().act, asked))
      accepted(await withdrawAudienceApproval(desk(), desk().act, id))
    })
    expect(traces.audit).toMatchObject([
      { kind: 'audience_approval.created', after: { audience: wanted } },
      { kind: 'audience_approval.removed', before: { audience: wanted } },
    ])
  })

  it('is for operators to give and to withdraw', async () => {
    const { id: organization } = await newOrganization(desk())
    const asked = { organization, audience: audience('https://operators.example.com') }
    const as = async (isOperator: boolean) =>
      asPerson(desk(), await newMember(desk(), organization, isOperator), { isOperator })
    const refusal = { reason: 'operator_needed' }
    expect(await approveAudience(desk(), await as(false), asked)).toEqual({ ok: false, refusal })
    const { id } = accepted(await approveAudience(desk(), await as(true), asked))
    expect(await withdrawAudienceApproval(desk(), await as(false), id)).toEqual({
      ok: false,
      refusal,
    })
    accepted(await withdrawAudienceApproval(desk(), await as(true), id))
  })

  it('is refused for what belongs to the server, and for an organization that is not there', async () => {
    const { id: organization } = await newOrganization(desk())
    const reserved = audience(`${issuer}/api`)
    expect(await approveAudience(desk(), desk().act, { organization, audience: reserved })).toEqual(
      {
        ok: false,
        refusal: { reason: 'audience_reserved', audience: reserved },
      },
    )
    const nowhere = desk().random.id('organization')
    const asked = { organization: nowhere, audience: audience('https://nowhere.example.com') }
    expect(await approveAudience(desk(), desk().act, asked)).toEqual({
      ok: false,
      refusal: { reason: 'organization_unknown', organization: nowhere },
    })
    const unknown: AudienceApprovalId = desk().random.id('audience_approval')
    expect(await withdrawAudienceApproval(desk(), desk().act, unknown)).toMatchObject({
      refusal: { reason: 'audience_approval_unknown' },
    })
  })
})
