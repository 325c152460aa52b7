package eventfile_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/eventfile"
)

// write writes rows in batches, and returns a copy of the file.
func write[R eventfile.Row](t *testing.T, w *eventfile.Writer[R], rows []R, batch int) []byte {
	t.Helper()
	w.Reset()
	for part := range slices.Chunk(rows, batch) {
		if err := w.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	data, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(data)
}

func groups(t *testing.T, data []byte) (rows []int64) {
	t.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range f.RowGroups() {
		rows = append(rows, group.NumRows())
	}
	return rows
}

func TestRowGroupsAreBounded(t *testing.T) {
	many := exposures(2*eventfile.MaxRowGroupRows + 500)
	w := eventfile.NewWriter[event.StoredExposure]()
	data := write(t, w, many, 1000)
	if got, want := groups(t, data), []int64{eventfile.MaxRowGroupRows, eventfile.MaxRowGroupRows, 500}; !slices.Equal(got, want) {
		t.Errorf("groups of %v rows, want %v", got, want)
	}
	rows, err := eventfile.Decode[event.StoredExposure](data)
	if err != nil || !slices.Equal(rows, many) {
		t.Errorf("%d rows are read, %v", len(rows), err)
	}

	var large []event.StoredOutcome
	for i := range 3 * eventfile.MaxRowGroupBytes / (8 << 10) {
		large = append(large, event.StoredOutcome{ID: fmt.Sprint(i), Event: "e", Properties: strings.Repeat("x", 8<<10)})
	}
	outcomes := write(t, eventfile.NewWriter[event.StoredOutcome](), large, 100)
	if n := len(groups(t, outcomes)); n < 3 || n > 4 {
		t.Errorf("%d groups for three times the limit", n)
	}
	if got, err := eventfile.Decode[event.StoredOutcome](outcomes); err != nil || !slices.Equal(got, large) {
		t.Errorf("%d rows are read, %v", len(got), err)
	}
}

// A writer that has written other files, also one that it did not finish, writes the same bytes as
// a new one.
func TestWriterIsReused(t *testing.T) {
	used := eventfile.NewWriter[event.StoredExposure]()
	rng := rand.New(rand.NewPCG(2, 2))
	for range 5 {
		rows := exposures(1 + rng.IntN(3_000))
		rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		fresh := write(t, eventfile.NewWriter[event.StoredExposure](), rows, 250)
		if !bytes.Equal(write(t, used, rows, 250), fresh) {
			t.Fatalf("a file of %d rows has other bytes", len(rows))
		}
		used.Reset()
		if err := used.Write(exposures(rng.IntN(2_000))); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := eventfile.Decode[event.StoredExposure](write(t, used, nil, 1)); err != nil || len(got) != 0 {
		t.Errorf("a file without rows is read as %d, %v", len(got), err)
	}
}
