<?php
// Adam of RubixML (85e5e9a) corrects no bias: its first step is 3.16 times the learning rate.
//     php rubixml_no_correction.php ML TENSOR, the folders of RubixML/ML and RubixML/Tensor
// The first step of Adam moves every parameter by the learning rate, 0.001.

use Rubix\ML\NeuralNet\Optimizers\Adam;
use Rubix\ML\NeuralNet\Parameter;
use Tensor\Vector;

$places = ['Rubix\\ML\\' => "$argv[1]/src/", 'Tensor\\' => "$argv[2]/src/"];
spl_autoload_register(function (string $class) use ($places): void {
    foreach ($places as $prefix => $folder) {
        if (str_starts_with($class, $prefix)) {
            require $folder . str_replace('\\', '/', substr($class, strlen($prefix))) . '.php';
        }
    }
});
require "$argv[1]/src/constants.php";
require "$argv[2]/src/constants.php";

$adam = new Adam(0.001, 0.1, 0.001);
$param = new Parameter(Vector::build([0.0]));
$adam->warm($param);
$param->update(Vector::build([1.0]), $adam);
$moved = $param->param()[0];
echo "$moved, and must be -0.001\n";
exit(abs($moved + 0.001) < 1e-9 ? 1 : 0);
