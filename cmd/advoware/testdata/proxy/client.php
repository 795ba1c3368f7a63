<?php
// usage: php client.php URL SIZE: calls an API through the proxy, as a script would.
$url = rtrim($argv[1], '/');
$size = (int) $argv[2];

function call($method, $path, $body = '', $type = 'application/json')
{
    global $url;
    $context = stream_context_create(['http' => [
        'method' => $method, 'header' => "Content-Type: $type\r\n", 'content' => $body, 'timeout' => 60, 'ignore_errors' => true,
    ]]);
    $answer = fopen($url . $path, 'r', false, $context);
    if (strpos($http_response_header[0], ' 200 ') === false) {
        fwrite(STDERR, $http_response_header[0] . stream_get_contents($answer));
        exit(1);
    }
    return $answer;
}

function text($answer)
{
    return stream_get_contents($answer) . "\n";
}

ini_set('memory_limit', '512M');
echo text(call('GET', '/echo?' . http_build_query(['name' => 'Müller & Söhne'])));
echo text(call('POST', '/echo', json_encode(['text' => 'Gütetermin über 1 €'], JSON_UNESCAPED_UNICODE)));
call('GET', '/revoke');
echo text(call('POST', '/echo', '{"text":"nach dem Widerruf"}'));
echo text(call('PUT', '/size', str_repeat('x', $size), 'application/octet-stream'));
$n = 0;
$answer = call('GET', "/bytes?n=$size");
while (!feof($answer)) {
    $n += strlen(fread($answer, 65536));
}
echo $n, "\n", text(call('GET', '/advoware/proxy?endpoint=/echo&' . http_build_query(['name' => 'Jördis'])));
