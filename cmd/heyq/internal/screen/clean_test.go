package screen

import (
	"bytes"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

// On a terminal with all colours only heyq paints: what a stranger wrote is text, even
// if it is what a style of heyq's is made of.
func TestScreen_foreign_styles_are_text(t *testing.T) {
	t.Parallel()
	const red, link = "\x1b[31m", "\x1b]8;;file:///etc/passwd\x07"
	for _, foreign := range []string{red, link, "\x1b[1;32mx\x1b[m", link + "x\x1b]8;;\x07"} {
		for name, show := range map[string]func(*Screen){
			"Printf":  func(s *Screen) { s.Printf("%s %s\n", Good("✓"), foreign) },
			"Println": func(s *Screen) { s.Println(Good("✓"), foreign) },
			"styled":  func(s *Screen) { s.Println(Good("✓" + foreign)) },
			"joined":  func(s *Screen) { s.Println(Good("✓") + " in " + foreign) },
			"Pairs":   func(s *Screen) { s.Pairs([2]string{foreign, Good("✓") + foreign}) },
			"Hang":    func(s *Screen) { s.Hang(Good("✓"), foreign) },
			"Table":   func(s *Screen) { s.Table(Table{Headings: []string{"a"}, Rows: [][]string{{Good("✓") + foreign}}}) },
		} {
			var out bytes.Buffer
			show(&Screen{out: &colorprofile.Writer{Forward: &out, Profile: colorprofile.TrueColor}, raw: &out})
			got := out.String()
			if strings.Contains(got, foreign) || strings.Contains(got, "\x1b]") {
				t.Errorf("%s of %q: it reaches the terminal: %q", name, foreign, got)
			}
			if !strings.Contains(got, "\x1b[32m✓") || !strings.Contains(got, `\x1b`) {
				t.Errorf("%s of %q: heyq's own style, or the text, is missing: %q", name, foreign, got)
			}
			if strings.Contains(got, seal) {
				t.Errorf("%s of %q: the seal is shown: %q", name, foreign, got)
			}
		}
	}
}

// heyq's own links and colours reach a terminal, wherever they stand.
func TestScreen_own_styles(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := &Screen{out: &colorprofile.Writer{Forward: &out, Profile: colorprofile.TrueColor}, raw: &out}
	s.Println(Link("film", "/tmp/x· y"))
	tally := s.Tally(1)
	tally.Show(map[string]int{"queued": 1})
	if got := out.String(); !strings.Contains(got, "\x1b]8;;file:///tmp/x%C2%B7%20y\x07film\x1b]8;;\x07") || !strings.Contains(got, "\x1b[90mqueued\x1b[m 1") {
		t.Errorf("got %q", got)
	}
}
