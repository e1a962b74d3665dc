package calibration

import (
	"os"
	"testing"
)

type thing struct{ N int }

// Records are kept in order, and what an interruption left of one is written over.
func TestFolder(t *testing.T) {
	f := Folder[thing](t.TempDir())
	if got, err := f.Read("x"); err != nil || got != nil {
		t.Errorf("nothing was kept, and there is %v, %v", got, err)
	}
	for n := range 2 {
		if err := f.Add("x", thing{n}); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.OpenFile(f.Path("x"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	file.WriteString(`{"N": 2`)
	file.Close()
	if got, err := f.Read("x"); err != nil || len(got) != 2 {
		t.Errorf("%v, %v", got, err)
	}
	if err := f.Add("x", thing{3}); err != nil {
		t.Fatal(err)
	}
	got, err := f.Read("x")
	if err != nil || len(got) != 3 || got[0].N != 0 || got[1].N != 1 || got[2].N != 3 {
		t.Errorf("%v, %v", got, err)
	}
	os.WriteFile(f.Path("y"), []byte("{\"N\": 1}\nnot JSON\n"), 0o644)
	if _, err := f.Read("y"); err == nil {
		t.Error("a broken line is no error")
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Share(0, 0), "–"},
		{Share(0, 20), "0 of 20: 0 % (0 to 17 %)"}, // Clopper–Pearson: 16.84 %
		{Share(19, 20), "19 of 20: 95 % (75 to 100 %)"},
		{Spread([]float64{3, 1, 2}, "%.1f s"), "2.0 s (1.0 s to 3.0 s)"},
		{Spread(nil, "%.1f"), "–"},
		{Percent(0.052), "5.2 %"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	if AtLeast(20, 20) > 1 || AtMost(0, 59) > 0.0495+1e-4 { // 0 of 59 shows at most 5 %
		t.Error(AtLeast(20, 20), AtMost(0, 59))
	}
}
