package attack_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/sortition-dev/sortition/edge/reload"
	"github.com/sortition-dev/sortition/wasm/assign"
)

// columns are the entries of a payload's map.
type columns map[string]any

// put overwrites the bytes of a column from an offset on. Columns of four bytes hold
// differences, so that a change moves all that follows.
func (c columns) put(name string, offset int, data ...byte) { copy(c[name].([]byte)[offset:], data) }

// program offers a payload whose columns were changed.
func program(change func(c columns)) func(*attacker) {
	return func(a *attacker) {
		var c columns
		if err := msgpack.Unmarshal(payloadOf(a.t, programOf(coming)), &c); err != nil {
			a.t.Fatal(err)
		}
		change(c)
		var payload bytes.Buffer
		e := msgpack.NewEncoder(&payload)
		e.SetSortMapKeys(true)
		e.UseCompactInts(true)
		if err := e.Encode(map[string]any(c)); err != nil {
			a.t.Fatal(err)
		}
		a.seal(payload.Bytes())
	}
}

// raw offers a payload as it is.
func raw(payload string) func(*attacker) { return func(a *attacker) { a.seal([]byte(payload)) } }

// coreRows are payloads that were signed with the right keys, for which every hash is
// right, and that no core may be led astray by.
func coreRows() []row {
	u16 := func(v uint16) []byte { return binary.LittleEndian.AppendUint16(nil, v) }
	u32 := func(v uint32) []byte { return binary.LittleEndian.AppendUint32(nil, v) }
	at := func(column string, offset int, data []byte) func(*attacker) {
		return program(func(c columns) { c.put(column, offset, data...) })
	}
	rows := []row{
		{attack: "msgpack: a map of four billion entries", do: raw("\xdf\xff\xff\xff\xff")},
		{attack: "msgpack: an array of four billion entries", do: raw("\xdd\xff\xff\xff\xff")},
		{attack: "msgpack: a column of four gigabytes", do: raw("\x81\xa1x\xc6\xff\xff\xff\xff")},
		{attack: "msgpack: a key of four gigabytes", do: raw("\x81\xdb\xff\xff\xff\xff")},
		{attack: "msgpack: a text of four gigabytes", do: raw("\x81\xa1x\xdb\xff\xff\xff\xff")},
		{attack: "msgpack: a million arrays, one in the other", do: func(a *attacker) {
			a.seal(append([]byte("\x81\xa1x"), bytes.Repeat([]byte{0x91}, 1<<20)...))
		}},
		{attack: "msgpack: a million maps, one in the other", do: func(a *attacker) {
			a.seal(append([]byte("\x81\xa1x"), bytes.Repeat([]byte{0x81, 0xa0}, 1<<20)...))
		}},
		{attack: "msgpack: no map", do: raw("\x01")},
		{attack: "msgpack: an empty map", do: raw("\x80")},
		{attack: "msgpack: something after the end", do: func(a *attacker) {
			a.seal(append(payloadOf(a.t, programOf(coming)), 0xc0))
		}},
		{attack: "msgpack: a payload cut short", do: func(a *attacker) {
			payload := payloadOf(a.t, programOf(coming))
			a.seal(payload[:len(payload)-1])
		}},
		{attack: "a newer schema than the manifest says", do: program(func(c columns) { c["schema"] = 2 })},
		{attack: "no schema", do: program(func(c columns) { delete(c, "schema") })},
		{attack: "a column is missing", do: program(func(c columns) { delete(c, "row.bits") })},
		{attack: "a column of half an element", do: program(func(c columns) { c["rule.traffic"] = []byte{1} })},
		{attack: "columns of one table that differ in length", do: program(func(c columns) { c["experiment.kind"] = []byte{0} })},
		{attack: "a text that ends after all texts", do: at("text.end", 0, u32(1<<31))},
		{attack: "texts that end before they begin", do: at("text.end", 4, u32(1<<32-1))},
		{attack: "a salt that is no text", do: at("experiment.salt", 0, u32(1<<30))},
		{attack: "a layer that there is not", do: at("experiment.layer", 2, u16(9))},
		{attack: "a holdout that there is not", do: at("experiment.holdout", 0, u16(9))},
		{attack: "a unit type that there is not", do: at("experiment.unit", 0, []byte{9})},
		{attack: "an opt-out segment that there is not", do: at("opt_out.segment", 0, u32(9))},
		{attack: "slots beyond the last", do: at("range.to", 0, u16(10_001))},
		{attack: "traffic of more than all slots", do: at("rule.traffic", 0, u16(10_001))},
		{attack: "a ramp to more than all slots", do: at("step.traffic", 0, u16(10_001))},
		{attack: "shares that leave a gap", do: at("share.to", 2, u16(9_999))},
		{attack: "a share of a variant that there is not", do: at("share.variant", 0, u16(9))},
		{attack: "an override to a variant that there is not", do: at("override.variant", 0, u16(9))},
		{attack: "an override of an experiment that there is not", do: at("override.experiment", 0, u32(9))},
		{attack: "a clause that there is not", do: at("rule.clause", 0, u32(1<<20))},
		{attack: "a row of bits that there is not", do: at("cell.row", 0, u32(1<<20))},
		{attack: "an axis that there is not", do: at("block.axis", 0, u16(999))},
		{attack: "a word that no row has", do: at("block.word", 0, u32(1<<20))},
		{attack: "an automaton that leads out of its table", do: at("automaton.next", 8, u16(60_000))},
		{attack: "a byte class that no automaton has", do: at("automaton.class", 0, []byte{255})},
		{attack: "a loop: an experiment that requires itself", do: at("prerequisite.experiment", 0, u32(1))},
		{attack: "a huge table: 65,535 attributes", do: program(func(c columns) {
			c["attribute.name"] = make([]byte, 4*65_535)
			c["attribute.type"] = bytes.Repeat([]byte{1}, 65_535)
		})},
		{attack: "a huge table: 300 unit types", do: program(func(c columns) { c["unit.name"] = make([]byte, 4*300) })},
		{attack: "slots beyond the last, and no golden vectors to show it", do: program(func(c columns) {
			c.put("range.to", 0, u16(10_001)...)
			for name := range c {
				if strings.HasPrefix(name, "vector.") {
					c[name] = []byte{}
				}
			}
		})},
		{attack: "golden vectors on which the core disagrees", do: program(func(c columns) {
			c["vector.reason"] = bytes.Repeat([]byte{255}, len(c["vector.reason"].([]byte)))
		})},
		{attack: "golden vectors that are no texts", do: at("vector.request", 0, u32(1<<30))},
		{attack: "golden vectors without records", do: program(func(c columns) { c["vector.records.end"] = []byte{} })},
	}
	for i := range rows {
		rows[i].reason = reload.ReasonActivation
	}
	return rows
}

// TestCoreRefusesNatively has the core refuse natively what it refuses in WebAssembly.
func TestCoreRefusesNatively(t *testing.T) {
	w := oneKey(t)
	// What the host sees to, before or after the core.
	hosts := []string{"golden vectors"}
	for _, r := range coreRows() {
		a := &attacker{t: t, world: w, bucket: objects{}}
		r.do(a)
		of := func(prefix string) bool { return strings.HasPrefix(r.attack, prefix) }
		if _, status := assign.Load(a.payload); status == assign.OK && !slices.ContainsFunc(hosts, of) {
			t.Errorf("%s: the core accepts it", r.attack)
		}
	}
}
