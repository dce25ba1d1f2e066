package jobs_test

import (
	"strings"
	"testing"

	"heyq/jobs"
)

func TestNotifyRules(t *testing.T) {
	t.Parallel()
	const ours = "https://example.com/ours"
	for _, c := range []struct {
		name, given string
		rules       jobs.NotifyRules
		kept, wrong string // the URL that the video gets; or a part of what is wrong
	}{
		{"nobody", "", jobs.NotifyRules{}, "", ""},
		{"nobody, unsigned", "", jobs.NotifyRules{Unsigned: true}, "", ""},
		{"https", "https://example.com:8443/hook?token=1", jobs.NotifyRules{}, "https://example.com:8443/hook?token=1", ""},
		{"the default", "", jobs.NotifyRules{URL: ours}, ours, ""},
		{"its own before the default", "https://example.com/hook", jobs.NotifyRules{URL: ours}, "https://example.com/hook", ""},
		{"http where that is allowed", "http://localhost:9000/", jobs.NotifyRules{Private: true}, "http://localhost:9000/", ""},

		{"http", "http://example.com/hook", jobs.NotifyRules{}, "", "HEYQ_NOTIFY_ALLOW_PRIVATE=true"},
		{"another scheme", "ftp://example.com/hook", jobs.NotifyRules{Private: true}, "", "is no link; give an https URL"},
		{"no host", "https:///hook", jobs.NotifyRules{}, "", "is no link"},
		{"no URL", "https://exa mple.com", jobs.NotifyRules{}, "", "is no link"},
		{"a password", "https://ada:hunter2@example.com/hook", jobs.NotifyRules{}, "", "remove them"},
		{"a user", "https://ada@example.com/hook", jobs.NotifyRules{}, "", "remove them"},
		{"too long", ours + text(2000, "x"), jobs.NotifyRules{}, "", "give at most 2000"},
		{"NUL", ours + "\x00", jobs.NotifyRules{}, "", "remove it"},
		{"nothing signs", ours, jobs.NotifyRules{Unsigned: true}, "", "set HEYQ_NOTIFY_SECRET"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := valid("script")
			v.NotifyURL = c.given
			prepared, err := jobs.NewClient(nil, jobs.WithNotifyRules(c.rules)).Prepare(v)
			if c.wrong == "" {
				if err != nil || prepared.NotifyURL != c.kept {
					t.Errorf("tells %q, %v; want %q", prepared.NotifyURL, err, c.kept)
				}
				return
			}
			fields := wrongFields(t, err)
			if fields[0].Name != "notify_url" || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("got %v, want of notify_url that it %s", err, c.wrong)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("a password is shown: %v", err)
			}
		})
	}
}
