package discover

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// replaced writes a file as it should be written.
func replaced(t *testing.T, path, text string) {
	t.Helper()
	beside := path + ".new"
	if err := os.WriteFile(beside, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(beside, path); err != nil {
		t.Fatal(err)
	}
}

func inFile(path string) Source {
	return FileConfig{Path: path, Interval: 10 * time.Millisecond}.source()
}

func TestAFileThatChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.yaml")
	l := watch(t, inFile(path))
	l.eventuallyFails(t, "no such file")
	replaced(t, path, "- http://a:8080/\n- {url: http://b:8080, weight: 3, priority: 1}\n")
	l.eventually(t, 1, "http://a:8080*1/0 http://b:8080*3/1")
	replaced(t, path, "- http://a:80\n- http://")
	l.eventuallyFails(t, "[1]: an instance must be")
	replaced(t, path, "")
	l.eventuallyFails(t, "lists no instance")
	replaced(t, path, `[{"url": "http://c", "weight": 2}, "http://d"]`)
	l.eventually(t, 2, "http://c*2/0 http://d*1/0")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	l.eventuallyFails(t, "no such file")
	replaced(t, path, `["http://d", {"url": "http://c", "weight": 2}]`)
	l.eventually(t, 3, "http://c*2/0 http://d*1/0")
}

// As Kubernetes mounts a ConfigMap: a link to a directory is replaced.
func TestAFileBehindALink(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"1": "- http://a\n", "2": "- http://b\n"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		replaced(t, filepath.Join(dir, name, "catalog.yaml"), text)
	}
	link := func(to string) {
		if err := os.Symlink(to, filepath.Join(dir, "new")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "data")); err != nil {
			t.Fatal(err)
		}
	}
	link("1")
	l := watch(t, inFile(filepath.Join(dir, "data", "catalog.yaml")))
	l.eventually(t, 1, "http://a*1/0")
	link("2")
	l.eventually(t, 2, "http://b*1/0")
}

// Every beginning of the text is a file that somebody has not finished writing, and most are
// lists of fewer instances.
func TestAFileThatIsBeingWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.yaml")
	replaced(t, path, "- http://z\n")
	synctest.Test(t, func(t *testing.T) {
		l := watch(t, inFile(path))
		l.eventually(t, 1, "http://z*1/0")
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, piece := range []string{"- http://a", ":8080\n", "- http://b:80", "80\n", "- http://c:8080\n"} {
			if _, err := file.WriteString(piece); err != nil {
				t.Fatal(err)
			}
			time.Sleep(settles / 3)
		}
		_ = file.Close()
		l.eventually(t, 2, "http://a:8080*1/0 http://b:8080*1/0 http://c:8080*1/0")
	})
}

func TestFilesThatAreRefused(t *testing.T) {
	for text, why := range map[string]string{
		"[]":                              "lists no instance",
		"url: http://a":                   "mapping",
		"- [http://a]":                    "",
		"- {url: http://a, wieght: 3}":    "wieght",
		"- {url: http://a, weight: 0}":    "[0]: weight",
		"- {url: http://a, weight: -1}":   "[0]: weight",
		"- {url: http://a, priority: -1}": "[0]: weight",
		"- {weight: 1}":                   "[0]: url is required",
		"- ftp://a":                       "[0]: an instance must be",
		"- http://a?x":                    "[0]: an instance's URL must have no query",
		"- http://u:p@a":                  "[0]: an instance's URL must have no user",
		`["http://a", "http://b`:          "",
		"- 'http://a":                     "",
		"\x00":                            "",
		"! 0":                             "is not YAML",
	} {
		list, err := parse([]byte(text))
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: got %v, %v", text, list, err)
		}
		if err != nil && strings.Contains(err.Error(), "u:p") {
			t.Errorf("the message has the password: %v", err)
		}
	}
	path := filepath.Join(t.TempDir(), "large")
	replaced(t, path, strings.Repeat("- http://a\n", largest/10))
	if got, err := once(t, inFile(path)); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("a large file: %.50s, %v", got, err)
	}
}

// Whatever stands in the file, what is made of it are instances that can be called, or a failure.
func FuzzFile(f *testing.F) {
	for _, text := range []string{
		"- http://a:80\n- {url: http://b, weight: 3, priority: 1}\n- url: http://c\n  weight: 2\n",
		`["http://a",{"url":"http://b","weight":1}]`, "- &a http://x\n- *a\n- <<: *a\n", "- |\n  http://a\n", "! 0",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := parse(text)
		if (len(list) == 0) != (err != nil) {
			t.Errorf("%v, %v", list, err)
		}
		for _, i := range list {
			if i.URL == "" || i.Validate() != nil || i.Weight < 1 || i.Priority < 0 {
				t.Errorf("%+v", i)
			}
		}
	})
}
