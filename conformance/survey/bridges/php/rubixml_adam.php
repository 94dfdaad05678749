<?php
// Adam of RubixML: php rubixml_adam.php ML TENSOR, the folders of RubixML/ML and RubixML/Tensor.
// It has no epsilon: the root is at least 1e-8.

declare(strict_types=1);

use Rubix\ML\NeuralNet\Optimizers\Adam;
use Rubix\ML\NeuralNet\Parameter;
use Tensor\Vector;

$places = ['Rubix\\ML\\' => "$argv[1]/src/", 'Tensor\\' => "$argv[2]/src/"];
spl_autoload_register(function (string $class) use ($places): void {
    foreach ($places as $prefix => $folder) {
        if (str_starts_with($class, $prefix)) {
            $path = str_replace('\\', '/', substr($class, strlen($prefix)));
            require "$folder$path.php";
        }
    }
});
require "$argv[1]/src/constants.php";
require "$argv[2]/src/constants.php";

function decode(string $word): float
{
    return unpack('E', hex2bin($word))[1];
}

function words(string $name, array $vectors): string
{
    $words = [$name];
    foreach ($vectors as $numbers) {
        foreach ($numbers as $number) {
            $words[] = bin2hex(pack('E', $number));
        }
    }
    return implode(' ', $words) . "\n";
}

fgets(STDIN); // it says start
echo "started 1 rubix/ml\ndtypes float64\nend\n";
while (($line = fgets(STDIN)) !== false && trim($line) !== 'stop') {
    $words = explode(' ', trim($line));
    switch ($words[0]) {
        case 'run':
            $answer = "ran $words[1]\n";
            $seq = $words[1];
            $refusal = $failure = '';
            $params = [];
            $adam = null;
            break;
        case 'learning_rate':
        case 'beta1':
        case 'beta2':
            $numbers[$words[0]] = decode($words[1]);
            break;
        case 'param':
            $values = array_map('decode', array_slice($words, 2 + (int) $words[1]));
            $params[] = new Parameter(Vector::build($values));
            break;
        case 'step':
            $wanted = $words[1] === '1';
            $done = 0;
            try {
                if ($adam === null) {
                    $adam = new Adam($numbers['learning_rate'], 1 - $numbers['beta1'], 1 - $numbers['beta2']);
                    array_map([$adam, 'warm'], $params);
                }
            } catch (Exception $error) {
                $refusal = $error->getMessage();
            }
            break;
        case 'grad':
            $param = $params[$done++];
            $values = array_map('decode', array_slice($words, 2));
            try {
                if ($adam !== null && $values !== []) {
                    $param->update(Vector::build($values), $adam);
                }
            } catch (Throwable $error) {
                $failure = $error->getMessage();
            }
            if ($wanted && $done === count($params)) {
                $answer .= words('params', array_map(fn ($one) => $one->param()->asArray(), $params));
            }
            break;
        case 'end':
            if ($refusal !== '') {
                echo "skipped $seq $refusal\n";
            } elseif ($failure !== '') {
                echo "errored $seq $failure\n";
            } else {
                echo "{$answer}end\n";
            }
            flush();
            break;
    }
}
