# usage: sh client.sh URL SIZE: calls an API through the proxy, as a script would.
set -eu
url=${1%/} size=$2
curl -fsS -G "$url/echo" --data-urlencode 'name=Müller & Söhne'; echo
curl -fsS "$url/echo" --json '{"text":"Gütetermin über 1 €"}'; echo
curl -fsS "$url/revoke" -o /dev/null
curl -fsS "$url/echo" --json '{"text":"nach dem Widerruf"}'; echo
head -c "$size" /dev/zero | tr '\0' x | curl -fsS -T - "$url/size"; echo
curl -fsS "$url/bytes?n=$size" | wc -c | tr -d ' '
curl -fsS "$url/advoware/proxy?endpoint=/echo&name=Jördis"; echo
