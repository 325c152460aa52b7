package attack_test

import (
	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/edge/reload"
)

// signatureRows are well-formed envelopes that too few of the right keys have signed.
func signatureRows() []row {
	rows := []row{
		{attack: "signed by a stranger", do: parts(func(a *attacker, e envelope) envelope {
			e.Signatures = nil
			return e.sign(a.t, stranger)
		})},
		{attack: "signed by the keys that sign roots", do: parts(func(a *attacker, e envelope) envelope {
			e.Signatures = nil
			return e.sign(a.t, a.rootKeys[:2-len(a.rootKeys)%2]...)
		})},
		{attack: "a stranger's signature under a trusted id", do: parts(func(a *attacker, e envelope) envelope {
			e.Signatures[0].Sig = envelope{PayloadType: e.PayloadType, Payload: e.Payload}.sign(a.t, stranger).Signatures[0].Sig
			return e
		})},
		{attack: "a signature cut short", do: parts(func(_ *attacker, e envelope) envelope {
			e.Signatures[0].Sig = e.Signatures[0].Sig[:63]
			return e
		})},
		{attack: "a root's signature, relabelled", do: forge(func(a *attacker, good []byte) []byte {
			e := open(a.t, signText(a.t, rootType, open(a.t, good).Payload, a.keys...))
			e.PayloadType = manifestType
			return e.write(a.t)
		})},
		{attack: "a signature of the document alone", why: "without DSSE's encoding a signature could be one of something else", do: parts(func(a *attacker, e envelope) envelope {
			e.Signatures = nil
			for _, k := range a.keys {
				sig, err := k.Sign(e.Payload)
				if err != nil {
					a.t.Fatal(err)
				}
				e = e.with(k.Public().ID().String(), sig)
			}
			return e
		})},
		{attack: "another document under the signatures", do: parts(func(a *attacker, e envelope) envelope {
			e.Payload = a.replace(e.Payload, `"revision":6`, `"revision":8`)
			return e
		})},
		{attack: "the signatures of another revision", do: parts(func(a *attacker, e envelope) envelope {
			e.Signatures = open(a.t, a.envelopeOf(atHand)).Signatures
			return e
		})},
	}
	for i := range rows {
		rows[i].reason = reload.ReasonSignature
	}
	return append(rows, row{
		attack: "a stranger's signature beside the right ones", why: "no attack: a rotation has them",
		do:   parts(func(a *attacker, e envelope) envelope { return e.sign(a.t, stranger) }),
		want: version(coming),
	})
}

// quorumRows are attacks by those who have one key of the two that are needed.
func quorumRows() []row {
	stolen := func(a *attacker, e envelope) envelope {
		e.Signatures = nil
		return e.sign(a.t, a.keys[0])
	}
	rows := []row{
		{attack: "one signature stripped", do: parts(func(_ *attacker, e envelope) envelope { e.Signatures = e.Signatures[:1]; return e })},
		{attack: "one key under two trusted ids", do: parts(func(a *attacker, e envelope) envelope {
			e = stolen(a, e)
			return e.with(a.keys[1].Public().ID().String(), e.Signatures[0].Sig)
		})},
		{attack: "one key under its id and an unknown one", do: parts(func(a *attacker, e envelope) envelope {
			e = stolen(a, e)
			return e.with(bundle.Hash{0xff}.String(), e.Signatures[0].Sig)
		})},
		{attack: "one key and a stranger", do: parts(func(a *attacker, e envelope) envelope { return stolen(a, e).sign(a.t, stranger) })},
		{attack: "a wrong signature beside enough right ones", do: parts(func(a *attacker, e envelope) envelope {
			return e.with(a.spare.Public().ID().String(), e.Signatures[0].Sig)
		})},
		{attack: "fast-forward with one stolen key", do: forge(func(a *attacker, _ []byte) []byte {
			return a.signed(coming, func(m *bundle.Manifest) { m.Revision = bundle.MaxInteger }, a.keys[0])
		})},
	}
	for i := range rows {
		rows[i].reason = reload.ReasonSignature
	}
	return append(rows,
		row{attack: "signatures in another order", do: parts(func(_ *attacker, e envelope) envelope {
			e.Signatures[0], e.Signatures[1] = e.Signatures[1], e.Signatures[0]
			return e
		}), reason: reload.ReasonEnvelope},
		row{attack: "one key twice under its id", do: parts(func(a *attacker, e envelope) envelope {
			e = stolen(a, e)
			return e.with(e.Signatures[0].KeyID, e.Signatures[0].Sig)
		}), reason: reload.ReasonEnvelope},
		row{attack: "another two of the three", why: "no attack: any two will do", do: parts(func(a *attacker, e envelope) envelope {
			return stolen(a, e).sign(a.t, a.spare)
		}), want: version(coming)},
	)
}
