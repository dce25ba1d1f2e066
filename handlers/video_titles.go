package handlers

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/rivo/uniseg"

	"heyq/heygen"
	"heyq/jobs"
	"heyq/store"
)

// titles writes the titles that renders have at HeyGen, and finds them again. A
// render whose create was not answered is found by its title alone.
type titles struct {
	word string // the installation's: two heyq may share an account
}

// mostTitle is how many characters a title has at most. HeyGen does not say how
// long one may be: what a person reads as a title is the best guess.
const mostTitle = 100

// token is how a submission stands in a title, between delimiters: HeyGen searches
// for substrings, and a.1 is one of a.12.
func (t titles) token(run store.Run) string {
	return tokenBegins + token(run) + " " + t.word + "]"
}

const tokenBegins = "[heyq "

// of is a video's title at HeyGen. The token comes first, for a title may be cut.
func (t titles) of(run store.Run) string {
	title := t.token(run)
	if run.Title == "" {
		return title
	}
	title += " "
	left := mostTitle - len(title)
	for characters := uniseg.NewGraphemes(run.Title); characters.Next(); {
		if left -= len(characters.Runes()); left < 0 {
			break
		}
		title += characters.Str()
	}
	return strings.TrimRight(title, " ")
}

// find picks the renders of a submission from those that HeyGen lists: exactly,
// which HeyGen does not. A person may have renamed one; but a title that begins
// with another token is another video's, whatever follows. The word may be another
// installation's: a database that was imported has a word of its own, and the
// render of this very request is not to be paid for twice.
func (t titles) find(listed []heygen.Video, run store.Run) []heygen.Video {
	var found []heygen.Video
	ours := tokenBegins + token(run) + " "
	for _, v := range listed {
		before, rest, ok := strings.Cut(v.Title, ours)
		ends := len(t.word)
		if ok && len(rest) > ends && rest[ends] == ']' && (before == "" || !strings.HasPrefix(before, tokenBegins)) {
			found = append(found, v)
		}
	}
	return found
}

// titles reads the installation's word, once.
func (h *Handlers) titles(ctx context.Context) (titles, error) {
	h.named.Lock()
	defer h.named.Unlock()
	if h.name == nil {
		i, err := h.Store.Installation(ctx)
		if err != nil {
			return titles{}, err
		}
		h.name = &titles{word: i.Word()}
	}
	return *h.name, nil
}

// A search that finds nothing proves that there is nothing only if the same search
// finds what is there. So heyq remembers the last render whose title came back
// whole, and asks for that one too. Templates may have a title of their own,
// hence one memory for each of them.
const (
	// controlAge is how old that memory may be. A search is judged within a day of
	// its create, and an account that is used at all renders once a day.
	controlAge = 24 * time.Hour
	// A title that is whole again is written down once an hour, one that is not
	// once a minute: another process may have seen it otherwise meanwhile.
	controlPause = time.Hour
	brokenPause  = time.Minute
)

// sightings is what this process has last seen of the titles of each place.
type sightings struct {
	mu   sync.Mutex
	seen map[string]sighting
}

type sighting struct {
	whole bool
	at    time.Time
}

// news reports whether what was seen has to be written down.
func (s *sightings) news(place string, whole bool, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	pause := brokenPause
	if whole {
		pause = controlPause
	}
	last, known := s.seen[place]
	if known && last.whole == whole && now.Sub(last.at) < pause {
		return false
	}
	if s.seen == nil {
		s.seen = map[string]sighting{}
	}
	s.seen[place] = sighting{whole, now}
	return true
}

// noteTitle notes whether HeyGen gave a title back as heyq wrote it. If it did not, heyq no
// longer takes a title that is not found for proof that there is no video: HeyGen may have
// begun to cut titles.
func (h *Handlers) noteTitle(ctx context.Context, run store.Run, v heygen.Video) {
	render, err := jobs.ReadRender(run.Request)
	if err != nil {
		return
	}
	t, err := h.titles(ctx)
	if err != nil {
		return
	}
	seen := store.TitleSeen{}
	if v.Title == t.of(run) {
		seen = store.TitleSeen{HeyGenID: v.ID, Title: v.Title}
	}
	if place := placeOf(render); h.sightings.news(place, seen.HeyGenID != "", time.Now()) {
		if err := h.Store.SawTitle(ctx, place, seen); err != nil {
			about(h.Log.Warn(), run.Video, run.Origin).Err(err).Msg("it could not be written down that a title came back")
		}
	}
}

// placeOf names where a render is made.
func placeOf(r jobs.Render) string {
	if r.TemplateID == "" {
		return "videos"
	}
	return "template " + r.TemplateID
}

// absenceIsProof reports whether the search that has found nothing of run finds
// what is there: a render of the same place, by its whole title.
func (h *Handlers) absenceIsProof(ctx context.Context, run store.Run) (bool, error) {
	render, err := jobs.ReadRender(run.Request)
	if err != nil {
		return false, nil //nolint:nilerr // nothing was ever seen of what cannot be read
	}
	control, known, err := h.Store.TitleSeen(ctx, placeOf(render), controlAge)
	if err != nil || !known {
		return false, err
	}
	words, _, _ := strings.Cut(strings.TrimPrefix(control.Title, tokenBegins), "]")
	words, _, _ = strings.Cut(words, " ")
	listed, err := h.HeyGen.Videos.FindByTitle(ctx, words)
	if err != nil {
		return false, err
	}
	for _, v := range listed {
		if v.ID == control.HeyGenID && v.Title == control.Title {
			return true, nil
		}
	}
	return false, nil
}
