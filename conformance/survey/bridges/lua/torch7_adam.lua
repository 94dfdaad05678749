-- optim.adam of Torch7, from the folder that is named: luajit torch7_adam.lua FOLDER.
-- Torch7 itself is not needed: optim.adam calls a few methods of a tensor, which are here, each with
-- one rounding for each operation, in double.
local ffi = require("ffi")

optim = {}
dofile(arg[1] .. "/adam.lua")

local Tensor = {}
Tensor.__index = Tensor

local function tensor(numbers)
  return setmetatable({numbers = numbers}, Tensor)
end

-- Set each number to `f` of it and of its place.
function Tensor:each(f)
  for i, x in ipairs(self.numbers) do self.numbers[i] = f(x, i) end
  return self
end

function Tensor.new(size)
  local numbers = {}
  for i = 1, size do numbers[i] = 0 end
  return tensor(numbers)
end

function Tensor:size() return #self.numbers end
function Tensor:zero() return self:each(function() return 0 end) end
function Tensor:mul(a) return self:each(function(x) return x * a end) end
function Tensor:sqrt() return self:each(math.sqrt) end
function Tensor:copy(b) return self:each(function(_, i) return b.numbers[i] end) end

function Tensor:add(a, b)
  if not b then return self:each(function(x) return x + a end) end
  return self:each(function(x, i) return x + a * b.numbers[i] end)
end

function Tensor:addcmul(a, b, c)
  return self:each(function(x, i) return x + a * b.numbers[i] * c.numbers[i] end)
end

function Tensor:addcdiv(a, b, c)
  return self:each(function(x, i) return x + a * b.numbers[i] / c.numbers[i] end)
end

-- Words.
local bits = ffi.new("union { double number; uint32_t half[2]; }")

local function decode(word)
  bits.half[1] = tonumber(word:sub(1, 8), 16)
  bits.half[0] = tonumber(word:sub(9, 16), 16)
  return bits.number
end

local function encode(number)
  bits.number = number
  return string.format("%08x%08x", tonumber(bits.half[1]), tonumber(bits.half[0]))
end

local function all(words, first, numbers)
  for i = first, #words do numbers[#numbers + 1] = decode(words[i]) end
end

local function line_of(name, numbers)
  local words = {name}
  for _, number in ipairs(numbers) do words[#words + 1] = encode(number) end
  return table.concat(words, " ")
end

-- Torch has all parameters of a network in one tensor.
local names = {learning_rate = "learningRate", rate = "learningRate", beta1 = "beta1",
  beta2 = "beta2", epsilon = "epsilon", weight_decay = "weightDecay"}
local config, state, x, grad, wanted, params, done

print("started 1 optim\ndtypes float64\nsupports schedule weight_decay\nend")
io.stdout:flush()
io.read()
for line in io.lines() do
  local words = {}
  for word in line:gmatch("%S+") do words[#words + 1] = word end
  local key = words[1]
  if key == "stop" then break end
  if key == "run" then
    print("ran " .. words[2])
    config, state, x, params = {}, {}, tensor({}), 0
  elseif names[key] then
    config[names[key]] = decode(words[2])
  elseif key == "param" then
    all(words, 3 + tonumber(words[2]), x.numbers)
    params = params + 1
  elseif key == "step" then
    wanted, grad, done = words[2] == "1", {}, 0
  elseif key == "grad" then
    all(words, 3, grad)
    done = done + 1
    if done == params then
      optim.adam(function() return 0, tensor(grad) end, x, config, state)
      if wanted then
        print(line_of("params", x.numbers))
        print(line_of("m", state.m.numbers))
        print(line_of("v", state.v.numbers))
      end
    end
  elseif key == "end" then
    print("end")
    io.stdout:flush()
  end
end
