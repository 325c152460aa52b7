package bundle

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestKeyFilesAreReadAsWritten(t *testing.T) {
	key, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	private, public := filepath.Join(t.TempDir(), "private.pem"), filepath.Join(t.TempDir(), "public.pem")
	if err := key.WriteFile(private); err != nil {
		t.Fatal(err)
	}
	if err := key.Public().WriteFile(public); err != nil {
		t.Fatal(err)
	}
	gotPrivate, err := ReadPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	gotPublic, err := ReadPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	if gotPublic != key.Public() || gotPrivate.Public() != key.Public() {
		t.Error("the keys differ from those that were written")
	}
	signature, err := gotPrivate.Sign([]byte("message"))
	if err != nil || !gotPublic.Verify([]byte("message"), signature) {
		t.Errorf("the signature of the key read back is wrong: %v", err)
	}

	info, err := os.Stat(private)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the private key's file has mode %o", info.Mode().Perm())
	}
	if err := key.WriteFile(private); !errors.Is(err, fs.ErrExist) {
		t.Errorf("overwrote a private key: %v", err)
	}
	file, err := os.ReadFile(private)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(file), "# Sortition private key. KEEP IT SECRET") || !strings.Contains(string(file), key.Public().ID().String()) {
		t.Errorf("the file does not say what it is:\n%s", file)
	}
}

// The file was written by openssl genpkey -algorithm ed25519, its key is from RFC 8032.
func TestKeyFilesAreOrdinaryPEM(t *testing.T) {
	const file = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
`
	key, err := ParsePrivateKey([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	want := "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
	public := key.Public()
	if got := base64.StdEncoding.EncodeToString(public[:]); got != want {
		t.Errorf("public key %s, want %s", got, want)
	}
}

func TestKeyFilesRefused(t *testing.T) {
	private, err := testKey(1).MarshalFile()
	if err != nil {
		t.Fatal(err)
	}
	public, err := testKey(1).Public().MarshalFile()
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{
		"empty":            "",
		"another kind":     string(public),
		"two keys":         string(private) + string(private),
		"cut":              string(private[:len(private)-40]),
		"not a key inside": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		"endless":          string(private) + strings.Repeat("\n", maxKeyFile),
	} {
		if _, err := ParsePrivateKey([]byte(file)); err == nil {
			t.Errorf("%s: parsed as a private key", name)
		}
	}
	if _, err := ParsePublicKey(private); err == nil {
		t.Error("a private key parsed as a public key")
	}
}

func TestPrivateKeyDoesNotPrintItsSecret(t *testing.T) {
	key := testKey(1)
	want := "private key " + key.Public().ID().String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		if got := fmt.Sprintf(verb, key); got != want {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}
