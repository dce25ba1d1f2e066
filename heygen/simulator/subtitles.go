package simulator

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// cueLength is how many characters a cue holds before the next begins.
const cueLength = 42

// subtitles writes a script as SRT: cues of whole words that share the clip's
// time evenly.
func subtitles(script string) string {
	cues := cut(script)
	each := time.Duration(clipSeconds*float64(time.Second)) / time.Duration(max(1, len(cues)))
	var b strings.Builder
	for i, cue := range cues {
		from := time.Duration(i) * each
		fmt.Fprintf(&b, "%d\n%s --> %s\n%s\n\n", i+1, srtTime(from), srtTime(from+each), cue)
	}
	return b.String()
}

// cut splits a script between words. No word is lost or broken.
func cut(script string) []string {
	var cues []string
	var cue string
	for word := range strings.FieldsSeq(script) {
		switch {
		case cue == "":
			cue = word
		case utf8.RuneCountInString(cue)+1+utf8.RuneCountInString(word) <= cueLength:
			cue += " " + word
		default:
			cues, cue = append(cues, cue), word
		}
	}
	if cue != "" {
		cues = append(cues, cue)
	}
	return cues
}

func srtTime(d time.Duration) string {
	ms := d.Milliseconds()
	return fmt.Sprintf("%02d:%02d:%02d,%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, ms%1000)
}
